package io.lastcall.benchmarks.broker;

import java.io.PrintWriter;
import java.time.Duration;
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
    KAFKA_RESTART,
    /** Handlers that do nothing, beside loops over the bare client. */
    SQS_NOOP,
    /** Handlers of 5 ms, 64 at once. */
    SQS_5MS,
    /** Stops with handlers at work and a backlog, and of an empty queue. */
    SQS_STOP,
    /** An empty queue. */
    SQS_IDLE,
    /** Handlers that do nothing, beside the bare client that acknowledges one by one. */
    RABBIT_NOOP,
    /** Handlers of 5 ms, 64 at once. */
    RABBIT_5MS,
    /** Stops with handlers at work and a backlog, and of an empty queue. */
    RABBIT_STOP,
    /** An empty queue. */
    RABBIT_IDLE;

    private static final int HANDLERS = 64;
    private static final Duration WORK = Duration.ofMillis(5);

    /** How long a receive waits in seconds, as ours by default; where a wait is not what is measured, it is short. */
    private static final int SQS_WAIT = 5;

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
            case SQS_NOOP ->
                with(
                        new SqsQueues(1),
                        it -> QueueRate.measure(it, 40, Duration.ZERO, size.messages(20_000), size.rounds(5), people));
            case SQS_5MS ->
                with(
                        new SqsQueues(1),
                        it -> QueueRate.measure(it, HANDLERS, WORK, size.messages(20_000), size.rounds(5), people));
            case SQS_STOP ->
                with(
                        new SqsQueues(SQS_WAIT),
                        it -> QueueStop.measure(it, size.messages(2_000), size.rounds(10), people));
            case SQS_IDLE ->
                with(new SqsQueues(SQS_WAIT), it -> QueueIdle.measure(it, size.messages(30), size.rounds(3), people));
            case RABBIT_NOOP ->
                with(
                        new RabbitQueues(1_000),
                        it -> QueueRate.measure(it, 1, Duration.ZERO, size.messages(200_000), size.rounds(5), people));
            case RABBIT_5MS ->
                with(
                        new RabbitQueues(0),
                        it -> QueueRate.measure(it, HANDLERS, WORK, size.messages(50_000), size.rounds(5), people));
            case RABBIT_STOP ->
                with(new RabbitQueues(0), it -> QueueStop.measure(it, size.messages(5_000), size.rounds(10), people));
            case RABBIT_IDLE ->
                with(new RabbitQueues(0), it -> QueueIdle.measure(it, size.messages(30), size.rounds(3), people));
        };
    }

    /** Measures, then ends the broker where it was started for this. */
    private static Map<String, Number> with(Queues queues, Measurement measurement) throws Exception {
        try (queues) {
            return measurement.of(queues);
        }
    }

    /** What is measured over a broker of queues. */
    @FunctionalInterface
    private interface Measurement {
        Map<String, Number> of(Queues queues) throws Exception;
    }
}
