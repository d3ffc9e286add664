package io.lastcall.internal.dispatch;

/** How long handlings take, as measured, and what follows from it. Not thread-safe: guarded by the floor's lock. */
final class Pace {

    /** A worker takes about this much work at once. */
    static final long RUN_NANOS = 200_000;
    /** No handler that waits for another machine is quicker than this; one that is has its time from a processor. */
    private static final long BRIEF_NANOS = 20_000;

    private long average = RUN_NANOS;
    private long stray;
    private boolean measured;
    /** A copy of the average for workers; may be a little old. */
    private volatile long expected = RUN_NANOS;

    /** One outlier must not spoil the estimate for long. */
    void learn(long nanos) {
        long each = Math.min(nanos, 16 * average + 1_000_000);
        long off = Math.abs(each - average);
        stray += (off - stray) / 8;
        set(average + (each - average) / 8);
    }

    void set(long nanos) {
        measured = true;
        average = nanos;
        expected = nanos;
    }

    long expected() {
        return expected;
    }

    /** Handlings are brief, or may be. */
    boolean isBrief() {
        return !measured || average < BRIEF_NANOS;
    }

    /** Whether what starts now is expected to end in the time that is left. */
    boolean fits(long left) {
        return average + 2 * stray <= left;
    }

    /** How many handlings make a run. */
    int runLength() {
        return (int) Math.max(1, Math.min(Worker.LONGEST_RUN, RUN_NANOS / Math.max(1, average)));
    }
}
