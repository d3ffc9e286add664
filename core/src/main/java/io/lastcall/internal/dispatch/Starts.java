package io.lastcall.internal.dispatch;

/** Which deliveries may start. */
public enum Starts {
    /** Any. */
    ALL,
    /** Those that are expected to end before the finish deadline (I8). */
    FITTING,
    /** None. */
    NONE;

    /** The one of both that lets less start. */
    Starts harder(Starts other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
