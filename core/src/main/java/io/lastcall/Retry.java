package io.lastcall;

import java.time.Duration;

/**
 * How often and when a failed delivery is tried again in this process. A delivery in back-off keeps its place in its order, holds
 * no thread, and never holds a drain. Immutable.
 *
 * @param maxAttempts tries in all, the first one included; after the last the message is rejected
 * @param first the wait after the first failure
 * @param most the longest wait, at most 365 days
 * @param factor by what the wait grows each time
 * @param jitter which share of the wait is random, 0 to 1
 */
public record Retry(int maxAttempts, Duration first, Duration most, double factor, double jitter) {

    private static final Duration LONGEST = Duration.ofDays(365);

    /** Five tries, from one second to one minute. */
    public static final Retry DEFAULT = exponential(5, Duration.ofSeconds(1), Duration.ofMinutes(1));

    /** Checks each value against its range. */
    public Retry {
        Settings.within("retry.maxAttempts", maxAttempts, 1, Integer.MAX_VALUE);
        Settings.atLeast("retry.first", first, Duration.ZERO);
        Settings.atLeast("retry.most", most, first);
        Settings.atMost("retry.most", most, LONGEST);
        if (!(factor >= 1)) {
            throw new IllegalArgumentException("retry.factor = " + factor + ", must be at least 1");
        }
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("retry.jitter = " + jitter + ", must be from 0 to 1");
        }
    }

    /**
     * No second try: the first failure rejects.
     *
     * @return the policy
     */
    public static Retry never() {
        return new Retry(1, Duration.ZERO, Duration.ZERO, 1, 0);
    }

    /**
     * The same wait each time, without jitter.
     *
     * @param maxAttempts tries in all
     * @param wait between tries
     * @return the policy
     */
    public static Retry fixed(int maxAttempts, Duration wait) {
        return new Retry(maxAttempts, wait, wait, 1, 0);
    }

    /**
     * Waits that double, a fifth of each random.
     *
     * @param maxAttempts tries in all
     * @param first the wait after the first failure
     * @param most the longest wait
     * @return the policy
     */
    public static Retry exponential(int maxAttempts, Duration first, Duration most) {
        return new Retry(maxAttempts, first, most, 2, 0.2);
    }

    /**
     * The wait before the next try.
     *
     * @param failed how many tries have failed, at least one
     * @param random from 0 to 1
     * @return the wait, never more than {@link #most}
     */
    public Duration waitAfter(int failed, double random) {
        double nanos = (double) first.toNanos() * Math.pow(factor, Math.min(failed - 1, 1_000));
        double capped = Math.min(nanos, (double) most.toNanos());
        return Duration.ofNanos((long) (capped * (1 - jitter * random)));
    }
}
