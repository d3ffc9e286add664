package io.lastcall;

import java.time.Duration;
import java.util.Optional;

/**
 * What a handler may ask about its own handling. Safe for any thread, also after the handler has returned.
 */
public interface HandlingContext {

    /**
     * Whether this handler is asked to end soon. A drain alone does not ask: what has started may finish until its deadline.
     *
     * @return true once {@link #why()} has an answer
     */
    boolean stopping();

    /**
     * Why it is asked to end.
     *
     * @return the reason, empty while it is not
     */
    Optional<StopReason> why();

    /**
     * How long this handler has until it is asked to end.
     *
     * @return the time, zero when it is over, {@link #UNLIMITED} while no drain with a deadline is under way
     */
    Duration timeLeft();

    /**
     * Which attempt this is, the broker's deliveries and tries in this process together.
     *
     * @return 1 for the first
     */
    int attempt();

    /** No deadline stands. */
    Duration UNLIMITED = Duration.ofNanos(Long.MAX_VALUE);
}
