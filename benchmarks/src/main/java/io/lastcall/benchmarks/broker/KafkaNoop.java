package io.lastcall.benchmarks.broker;

import io.lastcall.DrainReport;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.benchmarks.broker.MadeBody.Strand;
import io.lastcall.kafka.KafkaSource;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/** Records of 100 bytes, handlers that do nothing: what the framework costs beside loops over the bare client. */
final class KafkaNoop {

    private static final int KEYS = 1_000;
    private static final String TAUGHT = "loop";
    private static final String BEST = "best";
    private static final String LANE = "lane";
    private static final String KEY = "key";

    private KafkaNoop() {}

    static Map<String, Number> measure(Size size, PrintWriter people) throws Exception {
        int records = size.messages(1_000_000);
        int rounds = size.rounds(5);
        try (KafkaBroker broker = KafkaBroker.start()) {
            KafkaStock stock = KafkaStock.publish(broker, records, KEYS);
            Results results = new Alternation(people, rounds)
                    .add(TAUGHT, () -> KafkaLoop.TAUGHT.consume(stock))
                    .add(LANE, () -> ours(stock, Ordering.byLane(), Strand.LANE))
                    .add(BEST, () -> KafkaLoop.BEST.consume(stock))
                    .add(KEY, () -> ours(stock, Ordering.byKey(), Strand.KEY))
                    .play();
            return figures(records, rounds, results);
        }
    }

    private static Map<String, Number> figures(int records, int rounds, Results results) {
        String[] all = {TAUGHT, BEST, LANE, KEY};
        Map<String, Number> figures = new LinkedHashMap<>();
        figures.put("records", records);
        figures.put("rounds", rounds);
        for (String contender : all) {
            figures.put(contender + "PerSecond", Math.round(results.median(contender, Sample::perSecond)));
        }
        figures.put("laneRatio", results.ratio(LANE, TAUGHT));
        figures.put("keyRatio", results.ratio(KEY, TAUGHT));
        figures.put("laneRatioBest", results.ratio(LANE, BEST));
        figures.put("keyRatioBest", results.ratio(KEY, BEST));
        for (String contender : all) {
            figures.put(contender + "Bytes", results.median(contender, Sample::bytesPerMessage));
        }
        for (String contender : all) {
            figures.put(contender + "CpuMicros", results.median(contender, Sample::cpuMicros));
        }
        figures.put("handled", results.sum(Sample.Tally::handled, all));
        figures.put("orderViolations", results.sum(Sample.Tally::violations, all));
        figures.put("uncommitted", results.sum(Sample.Tally::unsettled, all));
        return figures;
    }

    private static Sample ours(KafkaStock stock, Ordering ordering, Strand strand) throws InterruptedException {
        String group = stock.newGroup();
        Witness witness = stock.witness(strand);
        MessageConsumer consumer = MessageConsumer.from(source(stock, group))
                .name("bench")
                .concurrency(KafkaStock.PARTITIONS)
                .ordering(ordering)
                .dropRejected()
                .handle((message, context) -> {
                    witness.saw(Objects.requireNonNull(message.body(), "body"));
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
        return witness.sample(stock.uncommitted(group));
    }

    /** A group that begins with the first record, all else as it comes. */
    static KafkaSource source(KafkaStock stock, String group) {
        return KafkaSource.topics(stock.topic())
                .groupId(group)
                .properties(Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        stock.broker().bootstrap(),
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"));
    }
}
