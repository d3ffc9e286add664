package io.lastcall.spi;

import java.time.Duration;
import java.util.Optional;

/**
 * How lanes differ.
 *
 * @param lease how long a delivery stays ours unless extended; empty where the broker sets no time
 * @param holdKeyUntilSettled whether the next of a key waits for the broker's answer (SQS FIFO); the broker's keys are then kept in
 *     order for a consumer that asks for no order too
 * @param freeRelease whether giving back what was not started costs nothing, no attempt and no receive
 * @param bound the most deliveries of this lane that are held or unanswered at once (S8); at least one
 */
public record LaneRules(Optional<Duration> lease, boolean holdKeyUntilSettled, boolean freeRelease, int bound) {

    /** No lease, no held keys, free release, no bound. */
    public static final LaneRules PLAIN = new LaneRules(Optional.empty(), false, true, Integer.MAX_VALUE);

    /** Refuses a bound below one and a lease that is not positive. */
    public LaneRules {
        if (bound < 1) {
            throw new IllegalArgumentException("bound = " + bound + ", must be at least 1");
        }
        lease.ifPresent(it -> {
            if (it.isNegative() || it.isZero()) {
                throw new IllegalArgumentException("lease = " + it + ", must be more than zero");
            }
        });
    }

    /**
     * The same with a lease.
     *
     * @param time how long a delivery stays ours unless extended
     * @return new rules
     */
    public LaneRules withLease(Duration time) {
        return new LaneRules(Optional.of(time), holdKeyUntilSettled, freeRelease, bound);
    }

    /**
     * The same, holding a key until its settlement is answered.
     *
     * @return new rules
     */
    public LaneRules holdingKeys() {
        return new LaneRules(lease, true, freeRelease, bound);
    }

    /**
     * The same where a release costs an attempt or a receive.
     *
     * @return new rules
     */
    public LaneRules withCostlyRelease() {
        return new LaneRules(lease, holdKeyUntilSettled, false, bound);
    }

    /**
     * The same with a bound.
     *
     * @param most the most deliveries held or unanswered at once
     * @return new rules
     */
    public LaneRules boundedTo(int most) {
        return new LaneRules(lease, holdKeyUntilSettled, freeRelease, most);
    }
}
