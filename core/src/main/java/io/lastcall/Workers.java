package io.lastcall;

/** On which threads handlers run. How many may run at once is the consumer's concurrency, not a pool's size. */
public enum Workers {
    /** Virtual threads where the JVM has them (21 and newer), else platform threads. */
    BEST,
    /** Platform threads, kept for half a minute when idle. */
    PLATFORM,
    /** Virtual threads; refused where the JVM has none. */
    VIRTUAL
}
