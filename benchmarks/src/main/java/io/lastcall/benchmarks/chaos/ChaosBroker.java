package io.lastcall.benchmarks.chaos;

/** The one broker of all rounds, in a process of its own. For the thread that directs the rounds. */
interface ChaosBroker extends AutoCloseable {

    /** Makes what one round publishes to and consumes from, empty. */
    RoundQueue open(RoundPlan plan) throws Patience.OverException;

    /** Kills it and waits for its end. */
    void kill9();

    /** Starts it again with all it had. */
    void startAgain();

    @Override
    void close();
}
