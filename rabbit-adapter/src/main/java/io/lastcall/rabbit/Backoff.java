package io.lastcall.rabbit;

import java.time.Duration;

/** Waits that double from a tenth of a second to five seconds, until something held for a while. Owner thread only. */
final class Backoff {

    private static final long FIRST = Duration.ofMillis(100).toNanos();
    private static final long LONGEST = Duration.ofSeconds(5).toNanos();

    // Owner thread.
    private long next = FIRST;

    /** The next wait in nanoseconds. */
    long next() {
        long wait = next;
        next = Math.min(LONGEST, next * 2);
        return wait;
    }

    /** Begins again with the shortest wait when what was built had held this long. */
    void held(long nanos) {
        if (nanos >= LONGEST) {
            next = FIRST;
        }
    }
}
