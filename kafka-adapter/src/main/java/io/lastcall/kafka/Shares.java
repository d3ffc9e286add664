package io.lastcall.kafka;

import java.time.Duration;

/**
 * Sees that no partition crowds out the others. The client hands out whole fetches, thousands of records of one partition before the next:
 * a few partitions would fill the room, and with them few keys could run at once. So a partition that holds its share waits, as long as
 * those below theirs may have something. Each poll for those that brings nothing doubles the shares, until something comes for one that
 * holds less than an even share while another holds more. Poll thread only.
 */
final class Shares {

    /** How long those below their share are asked before the others may have more. */
    private static final Duration PATIENCE = Duration.ofMillis(5);

    private int even = 1;
    private int share = 1;
    /** In this round: one has its share and waits; one has an even share or more. */
    private boolean waiting;

    private boolean uneven;

    /** A round begins: the room is shared by so many. */
    void divide(int limit, int partitions) {
        int now = Math.max(1, limit / Math.max(1, partitions));
        if (now != even) {
            even = now;
            share = now;
        }
        waiting = false;
        uneven = false;
    }

    /** Whether a partition that holds so many may hold more now. Where the room is not full, one may sooner or later. */
    boolean mayTake(int held) {
        uneven |= held >= even;
        waiting |= held >= share;
        return held < share;
    }

    /** How long to poll at most. */
    Duration limit(Duration atMost) {
        return waiting && atMost.compareTo(PATIENCE) > 0 ? PATIENCE : atMost;
    }

    /** The poll of this round has lasted its time, and nothing came. */
    void nothingCame() {
        if (waiting) {
            share = share > Integer.MAX_VALUE / 2 ? Integer.MAX_VALUE : 2 * share;
        }
    }

    /** Something is about to be offered to a partition that holds so many. */
    void comes(int held) {
        if (uneven && held < even) {
            share = even;
        }
    }
}
