package io.lastcall.benchmarks.chaos;

import java.util.Locale;

/** What happens to the members of a round, or to their broker. */
enum RoundKind {
    /** SIGTERM to a member under load; its successor goes on. */
    TERM(true),
    /** SIGKILL to a member under load. */
    KILL(false),
    /** SIGKILL to the broker under load, which is then started again. */
    BROKER(false),
    /** Three members, each ended by SIGTERM and replaced in turn. */
    ROLLING(true),
    /** Members join and leave, several at once. */
    STORM(true),
    /** A member stands still for longer than its session lasts, then goes on. */
    FREEZE(false);

    private final boolean graceful;

    RoundKind(boolean graceful) {
        this.graceful = graceful;
    }

    /** Whether all that happens is members that join, and members that are asked to end: nothing may be repeated then. */
    boolean isGraceful() {
        return graceful;
    }

    /** As it is typed. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
