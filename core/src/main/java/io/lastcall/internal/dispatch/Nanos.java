package io.lastcall.internal.dispatch;

import java.time.Duration;

/** Durations as nanoseconds that can be added to a clock without overflow. */
public final class Nanos {

    /** Seventy years: never. */
    public static final long MOST = Long.MAX_VALUE / 4;

    private Nanos() {}

    /** The duration in nanoseconds, cut to what a clock can bear. */
    public static long of(Duration duration) {
        return duration.compareTo(Duration.ofNanos(MOST)) >= 0 ? MOST : duration.toNanos();
    }
}
