package io.lastcall.benchmarks.broker;

import io.lastcall.DrainReport;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.benchmarks.broker.MadeBody.Strand;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Handlers that block for 5 ms, many at once, in the order of keys, beside bare threads that do only that. */
final class KafkaBusy {

    private static final int KEYS = 1_000;
    private static final int MOST = 1_024;
    private static final int[] LEVELS = {64, 256, MOST};
    private static final Duration WORK = Duration.ofMillis(5);

    private KafkaBusy() {}

    static Map<String, Number> measure(Size size, PrintWriter people) throws Exception {
        int records = size.messages(1_000_000);
        int rounds = size.rounds(5);
        Map<String, Number> figures = new LinkedHashMap<>();
        figures.put("records", records);
        figures.put("rounds", rounds);
        double over = Double.NEGATIVE_INFINITY;
        long published = 0;
        long handled = 0;
        long violations = 0;
        long uncommitted = 0;
        try (KafkaBroker broker = KafkaBroker.start()) {
            for (int level : LEVELS) {
                // So many that each level takes as long as the others.
                KafkaStock stock =
                        KafkaStock.publish(broker, Math.max(10, (int) ((long) records * level / MOST)), KEYS);
                String ours = "at " + level;
                String floor = "floor " + level;
                Results results = new Alternation(people, rounds)
                        .add(floor, () -> BareThreads.work(Math.min(level, KEYS), stock.records(), WORK))
                        .add(ours, () -> consume(stock, level))
                        .play();
                figures.put("ratio" + level, results.ratio(ours, floor));
                figures.put("perSecond" + level, Math.round(results.median(ours, Sample::perSecond)));
                figures.put("floorPerSecond" + level, Math.round(results.median(floor, Sample::perSecond)));
                figures.put("cpuMicros" + level, results.median(ours, Sample::cpuMicros));
                figures.put("floorCpuMicros" + level, results.median(floor, Sample::cpuMicros));
                figures.put("bytes" + level, results.median(ours, Sample::bytesPerMessage));
                figures.put("floorBytes" + level, results.median(floor, Sample::bytesPerMessage));
                over = Math.max(over, results.over(ours, floor, Sample::cpuMicros));
                published += (long) rounds * stock.records();
                handled += results.sum(Sample.Tally::handled, ours);
                violations += results.sum(Sample.Tally::violations, ours);
                uncommitted += results.sum(Sample.Tally::unsettled, ours);
            }
        }
        figures.put("cpuMicrosOverFloor", over);
        figures.put("expected", published);
        figures.put("handled", handled);
        figures.put("orderViolations", violations);
        figures.put("uncommitted", uncommitted);
        return figures;
    }

    private static Sample consume(KafkaStock stock, int inFlight) throws InterruptedException {
        String group = stock.newGroup();
        Witness witness = stock.witness(Strand.KEY);
        Window window = new Window(stock.records());
        MessageConsumer consumer = MessageConsumer.from(KafkaNoop.source(stock, group))
                .name("bench")
                .concurrency(inFlight)
                .ordering(Ordering.byKey())
                .dropRejected()
                .handle((message, context) -> {
                    Pause.take(WORK);
                    witness.saw(Objects.requireNonNull(message.body(), "body"));
                    window.passed();
                    return Outcome.accept();
                })
                .start();
        try (consumer) {
            witness.awaitAll();
            DrainReport report = consumer.drain();
            if (!report.clean()) {
                throw new IllegalStateException(report.describe());
            }
        }
        return window.sample(witness.tally(stock.uncommitted(group)));
    }
}
