package io.lastcall.benchmarks.broker;

import io.lastcall.DrainReport;
import io.lastcall.MessageConsumer;
import io.lastcall.benchmarks.broker.MadeBody.Strand;
import io.lastcall.message.Outcome;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** How many messages of a queue are handled in a second, and at what price, beside the bare client. */
final class QueueRate {

    private static final String BARE = "bare";
    private static final String OURS = "lastcall";

    private final Queues queues;
    private final int handlers;
    private final Duration work;
    private final int messages;

    private QueueRate(Queues queues, int handlers, Duration work, int messages) {
        this.queues = queues;
        this.handlers = handlers;
        this.work = work;
        this.messages = messages;
    }

    /** A consumer at work; closing it waits for what it has begun. */
    @FunctionalInterface
    private interface Starter {
        AutoCloseable start(String queue, Queues.Work work) throws Exception;
    }

    /**
     * Measures.
     *
     * @param handlers how many may run at once
     * @param work how long each handler blocks
     */
    static Map<String, Number> measure(
            Queues queues, int handlers, Duration work, int messages, int rounds, PrintWriter people) throws Exception {
        QueueRate rate = new QueueRate(queues, handlers, work, messages);
        Results results = new Alternation(people, rounds)
                .add(BARE, () -> rate.run((queue, each) -> queues.bare(queue, handlers, each)))
                .add(OURS, () -> rate.run(rate::ours))
                .play();
        Map<String, Number> figures = new LinkedHashMap<>();
        figures.put("messages", messages);
        figures.put("rounds", rounds);
        figures.put("handlers", handlers);
        figures.put("handlerMillis", work.toMillis());
        figures.put("ratio", results.ratio(OURS, BARE));
        figures.put("perSecond", Math.round(results.median(OURS, Sample::perSecond)));
        figures.put("barePerSecond", Math.round(results.median(BARE, Sample::perSecond)));
        figures.put("cpuMicros", results.median(OURS, Sample::cpuMicros));
        figures.put("bareCpuMicros", results.median(BARE, Sample::cpuMicros));
        figures.put("bytes", results.median(OURS, Sample::bytesPerMessage));
        figures.put("bareBytes", results.median(BARE, Sample::bytesPerMessage));
        figures.putAll(queues.figures((long) messages * (rounds + 1)));
        figures.put("handled", results.sum(Sample.Tally::handled, BARE, OURS));
        figures.put("repeated", results.sum(Sample.Tally::violations, OURS));
        figures.put("left", results.sum(Sample.Tally::unsettled, OURS));
        return figures;
    }

    private Sample run(Starter contender) throws Exception {
        String queue = queues.fill(messages);
        int[] ones = new int[messages];
        Arrays.fill(ones, 1);
        Witness witness = new Witness(Strand.MESSAGE, ones);
        Window window = new Window(messages);
        Queues.Work each = number -> {
            if (!work.isZero()) {
                Pause.take(work);
            }
            witness.saw(number, 0);
            window.passed();
        };
        try (AutoCloseable running = contender.start(queue, each)) {
            witness.awaitAll();
        }
        return window.sample(witness.tally(queues.left(queue)));
    }

    private AutoCloseable ours(String queue, Queues.Work each) {
        MessageConsumer consumer = queues.ours(queue, handlers)
                .handle((message, context) -> {
                    each.on(Queues.number(Objects.requireNonNull(message.body(), "body")));
                    return Outcome.accept();
                })
                .start();
        return () -> {
            DrainReport report = consumer.drain();
            if (!report.clean()) {
                throw new IllegalStateException(report.describe());
            }
        };
    }
}
