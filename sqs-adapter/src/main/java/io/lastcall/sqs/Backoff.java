package io.lastcall.sqs;

import java.time.Duration;

/** How long to wait after a failed call: doubled each time in a row. One thread. */
final class Backoff {

    private static final Duration SHORTEST = Duration.ofMillis(100);

    private final Duration longest;
    // The wait that was given last; zero after a success.
    private Duration last = Duration.ZERO;

    Backoff(Duration longest) {
        this.longest = longest;
    }

    Duration next() {
        Duration doubled = last.isZero() ? SHORTEST : last.multipliedBy(2);
        last = doubled.compareTo(longest) > 0 ? longest : doubled;
        return last;
    }

    /** Whether calls had failed until now. */
    boolean reset() {
        boolean failing = !last.isZero();
        last = Duration.ZERO;
        return failing;
    }
}
