package io.lastcall.kafka;

import java.time.Duration;

/**
 * Sees that no partition crowds out the others. The client hands out whole fetches, thousands of records of one partition before the next:
 * a few partitions would fill the room, and with them few keys could run at once. So a partition that holds its share waits, as long as
 * those below theirs may have something: until a poll for them has brought nothing. Poll thread only.
 */
final class Shares {

    /** How long those below their share are asked before the others go on. */
    private static final Duration PATIENCE = Duration.ofMillis(5);

    private int share = 1;
    private boolean waiting;
    private boolean lifted;

    /** A round begins: the room is shared by so many. */
    void divide(int limit, int partitions) {
        share = Math.max(1, limit / Math.max(1, partitions));
        waiting = false;
    }

    /** Whether the partition may hold more now. Where the room is not full, at least one may: not all hold their share then. */
    boolean mayTake(Partition partition) {
        if (lifted || partition.held() < share) {
            return true;
        }
        waiting = true;
        return false;
    }

    /** How long to poll at most. */
    Duration limit(Duration atMost) {
        return waiting && atMost.compareTo(PATIENCE) > 0 ? PATIENCE : atMost;
    }

    /** The poll of this round has lasted its time, and nothing came. */
    void nothingCame() {
        lifted |= waiting;
    }

    /** Something is about to be offered to this partition. */
    void comes(Partition partition) {
        if (partition.held() < share) {
            lifted = false;
        }
    }
}
