package io.lastcall.benchmarks.broker;

import io.lastcall.MessageConsumer;
import io.lastcall.message.Outcome;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a consumer costs whose queue is empty, beside the bare client: processor time of this process. */
final class QueueIdle {

    private static final Duration WARM_UP = Duration.ofSeconds(2);

    private QueueIdle() {}

    static Map<String, Number> measure(Queues queues, int seconds, int rounds, PrintWriter people) throws Exception {
        String queue = queues.fill(0);
        Results results = new Alternation(people, rounds)
                .add("bare", () -> {
                    try (AutoCloseable running = queues.bare(queue, 1, QueueIdle::unexpected)) {
                        return pass(seconds);
                    }
                })
                .add("lastcall", () -> {
                    try (MessageConsumer consumer = queues.ours(queue, 1).handle((message, context) -> {
                        unexpected(0);
                        return Outcome.accept();
                    })) {
                        consumer.start();
                        return pass(seconds);
                    }
                })
                .play();
        Map<String, Number> figures = new LinkedHashMap<>();
        figures.put("seconds", seconds);
        figures.put("rounds", rounds);
        // A "message" is a second here.
        double bare = results.median("bare", Sample::cpuMicros) * seconds / 1e3;
        double ours = results.median("lastcall", Sample::cpuMicros) * seconds / 1e3;
        figures.put("bareCpuMillis", bare);
        figures.put("lastcallCpuMillis", ours);
        figures.put("overMillis", results.over("lastcall", "bare", Sample::cpuMicros) * seconds / 1e3);
        figures.putAll(queues.figures((seconds + WARM_UP.toSeconds()) * (rounds + 1)));
        return figures;
    }

    private static Sample pass(int seconds) throws InterruptedException {
        Pause.take(WARM_UP);
        Reading from = Reading.now();
        Pause.take(Duration.ofSeconds(seconds));
        return new Sample(seconds, from, Reading.now(), new Sample.Tally(0, 0, 0));
    }

    private static void unexpected(int number) {
        throw new IllegalStateException("the queue should be empty, got message " + number);
    }
}
