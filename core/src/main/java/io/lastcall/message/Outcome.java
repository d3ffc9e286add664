package io.lastcall.message;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What shall become of a delivery. The four are the outcomes of AMQP 1.0 (section 3.4) and the acknowledgement types of Kafka's
 * share groups. Decided once, told to the broker once. Immutable.
 */
public sealed interface Outcome {

    /** Done well: the broker may forget the message. */
    record Accept() implements Outcome {
        private static final Accept IT = new Accept();
    }

    /**
     * Failed, try again.
     *
     * @param delay when to try again, counted from now; empty for the consumer's own back-off
     * @param cause why, or null
     */
    record Retry(Optional<Duration> delay, @Nullable Throwable cause) implements Outcome {
        /** Refuses a negative delay. */
        public Retry {
            delay.ifPresent(it -> refuseNegative("delay", it));
        }
    }

    /**
     * Cannot be handled, now or later: to the dead letters.
     *
     * @param reason why, in words
     * @param cause the error behind it, or null
     */
    record Reject(String reason, @Nullable Throwable cause) implements Outcome {
        /** Checks that the reason is there. */
        public Reject {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * Not handled: give it back as if it had never been received. No attempt is counted by us.
     *
     * @param notBefore how long the broker should wait until it hands the message out again, where it can
     */
    record Release(Duration notBefore) implements Outcome {
        private static final Release NOW = new Release(Duration.ZERO);

        /** Refuses a negative wait. */
        public Release {
            refuseNegative("notBefore", notBefore);
        }
    }

    /**
     * Done well.
     *
     * @return the outcome, always the same object
     */
    static Outcome accept() {
        return Accept.IT;
    }

    /**
     * Failed, to be tried again after the consumer's own back-off.
     *
     * @return the outcome
     */
    static Outcome retry() {
        return new Retry(Optional.empty(), null);
    }

    /**
     * Failed, to be tried again.
     *
     * @param delay how long to wait first; zero or more
     * @return the outcome
     */
    static Outcome retry(Duration delay) {
        return new Retry(Optional.of(delay), null);
    }

    /**
     * Cannot be handled.
     *
     * @param reason why, in words for a person
     * @return the outcome
     */
    static Outcome reject(String reason) {
        return new Reject(reason, null);
    }

    /**
     * Cannot be handled.
     *
     * @param reason why, in words for a person
     * @param cause the error behind it, or null
     * @return the outcome
     */
    static Outcome reject(String reason, @Nullable Throwable cause) {
        return new Reject(reason, cause);
    }

    /**
     * Given back at once. A broker that hands out again what it is given back, and cannot wait, does so at once; one that cannot
     * hand it out again while we go on keeps it here for a second. For "not now" say {@link #retry(Duration)}.
     *
     * @return the outcome, always the same object
     */
    static Outcome release() {
        return Release.NOW;
    }

    /**
     * Given back, to be handed out again later.
     *
     * @param notBefore the wait; zero or more
     * @return the outcome
     */
    static Outcome release(Duration notBefore) {
        return new Release(notBefore);
    }

    private static void refuseNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + " = " + value + ", must be zero or more");
        }
    }
}
