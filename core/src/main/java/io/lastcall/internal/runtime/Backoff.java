package io.lastcall.internal.runtime;

import io.lastcall.FailurePolicy;
import io.lastcall.FailurePolicy.Restart;
import io.lastcall.Retry;
import java.time.Duration;
import java.util.Optional;

/** How long to wait before one consumer is started again, and when to give up. Control thread only. */
final class Backoff {

    private final FailurePolicy policy;

    /** New starts in a row. Control thread only. */
    private int times;

    Backoff(FailurePolicy policy) {
        this.policy = policy;
    }

    /**
     * The wait after a failed run.
     *
     * @param stood how long that run had stood, zero where its start failed
     * @param random from 0 to 1
     * @return empty when the policy gives up
     */
    Optional<Duration> next(Duration stood, double random) {
        if (!(policy instanceof Restart restart)) {
            return Optional.empty();
        }
        if (!stood.isZero() && stood.compareTo(restart.most()) >= 0) {
            times = 0;
        }
        if (times == restart.maxTimes()) {
            return Optional.empty();
        }
        times++;
        return Optional.of(Retry.exponential(Integer.MAX_VALUE, restart.first(), restart.most())
                .waitAfter(times, random));
    }

    /** Which new start in a row the last wait was for, for the log. */
    int times() {
        return times;
    }
}
