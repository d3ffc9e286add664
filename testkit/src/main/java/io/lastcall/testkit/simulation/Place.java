package io.lastcall.testkit.simulation;

/** What kind of thread a task stands for. */
enum Place {
    CONTROL,
    LISTENER,
    TIMER,
    WORKER,
    /** A thread of its own, where hanging costs nothing. */
    DETACHED,
    /** A thread that the source has made. */
    SOURCE,
    /** A thread of the broker's client, or of the application. */
    CLIENT
}
