package io.lastcall;

/**
 * Hears of a consumer's life. Called in order, on a thread of its own that nothing waits for; a listener that throws is logged
 * with the consumer's name.
 */
public interface ConsumerListener {

    /**
     * The state has changed.
     *
     * @param consumer the consumer's name
     * @param from the state before
     * @param to the state now
     */
    default void stateChanged(String consumer, ConsumerState from, ConsumerState to) {}

    /**
     * Something went wrong that an operator should see; it is in the report too, when a drain is under way.
     *
     * @param consumer the consumer's name
     * @param problem what
     */
    default void problem(String consumer, Problem problem) {}

    /**
     * The consumer is closed.
     *
     * @param report what became of every delivery
     */
    default void drained(DrainReport report) {}
}
