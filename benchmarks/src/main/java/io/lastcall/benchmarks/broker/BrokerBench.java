package io.lastcall.benchmarks.broker;

import java.io.PrintWriter;
import java.util.Map;

/** What can be measured against a real broker. */
public enum BrokerBench {
    /** Handlers that do nothing, beside the loops that one can write. */
    KAFKA_NOOP,
    /** Handlers of 5 ms, beside as many bare threads. */
    KAFKA_5MS,
    /** Stops with handlers at work and a backlog. */
    KAFKA_STOP,
    /** Members restarted in turn, and killed. */
    KAFKA_RESTART;

    /**
     * Starts a broker, measures, ends the broker. Takes minutes at the usual size.
     *
     * @param size how much
     * @param people told how it goes, a line for each run
     * @return the figures, in an order for people
     * @throws Exception when the broker or a run failed
     */
    public Map<String, Number> measure(Size size, PrintWriter people) throws Exception {
        return switch (this) {
            case KAFKA_NOOP -> KafkaNoop.measure(size, people);
            case KAFKA_5MS -> KafkaBusy.measure(size, people);
            case KAFKA_STOP -> KafkaStop.measure(size, people);
            case KAFKA_RESTART -> KafkaRestart.measure(size, people);
        };
    }
}
