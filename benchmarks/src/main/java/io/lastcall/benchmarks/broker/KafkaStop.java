package io.lastcall.benchmarks.broker;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.benchmarks.broker.MadeBody.Strand;
import io.lastcall.kafka.KafkaSource;
import io.lastcall.testkit.broker.KafkaBroker;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How long a stop takes beyond the longest handler that it has to wait for. After each, another consumer of the group takes what is left:
 * each record must have been handled once.
 */
final class KafkaStop {

    private static final int HANDLERS = 64;
    private static final int KEYS = 1_000;
    private static final int WARM_UPS = 2;
    private static final Duration WORK = Duration.ofMillis(20);
    private static final Duration IDLE = Duration.ofMillis(500);

    private final KafkaBroker broker;
    private final PrintWriter people;
    private final int backlog;
    private final StopFigures figures = new StopFigures();

    private KafkaStop(KafkaBroker broker, PrintWriter people, int backlog) {
        this.broker = broker;
        this.people = people;
        this.backlog = backlog;
    }

    static Map<String, Number> measure(Size size, PrintWriter people) throws Exception {
        int backlog = size.messages(50_000);
        int rounds = size.rounds(10);
        Map<String, Number> figures = new LinkedHashMap<>();
        figures.put("backlog", backlog);
        figures.put("rounds", rounds);
        figures.put("handlers", HANDLERS);
        figures.put("handlerMillis", WORK.toMillis());
        try (KafkaBroker broker = KafkaBroker.start()) {
            KafkaStop warmUp = new KafkaStop(broker, people, backlog);
            for (int round = 0; round < WARM_UPS; round++) {
                warmUp.round(round);
            }
            KafkaStop measured = new KafkaStop(broker, people, backlog);
            for (int round = 0; round < rounds; round++) {
                measured.round(round);
            }
            measured.figures.addTo(figures);
        }
        return figures;
    }

    private void round(int round) throws Exception {
        busy();
        joining(round);
        idle();
        bare();
    }

    /** All handlers at work, and a backlog. */
    private void busy() throws Exception {
        KafkaStock stock = publish();
        String group = stock.newGroup();
        Witness witness = stock.witness(Strand.MESSAGE);
        StopHandler handler = handler(witness);
        MessageConsumer consumer = consumer(KafkaNoop.source(stock, group), handler);
        handler.awaitBusy();
        stop("overMillis", consumer, handler);
        takeRest(stock, group, witness);
    }

    /** The same while another member is at some point of joining; with both protocols in turn. */
    private void joining(int round) throws Exception {
        KafkaStock stock = publish();
        String group = stock.newGroup();
        Witness witness = stock.witness(Strand.MESSAGE);
        StopHandler handler = handler(witness);
        Map<String, String> protocol = Map.of("group.protocol", round % 2 == 0 ? "classic" : "consumer");
        MessageConsumer consumer = consumer(KafkaNoop.source(stock, group).properties(protocol), handler);
        handler.awaitBusy();
        StopHandler joiners = handler(witness);
        MessageConsumer joiner = MessageConsumer.from(
                        KafkaNoop.source(stock, group).properties(protocol))
                .name("joiner")
                .concurrency(HANDLERS)
                .ordering(Ordering.byKey())
                .dropRejected()
                .handle(joiners);
        try (joiner) {
            var unused = joiner.beginStart();
            Pause.take(Duration.ofMillis(round * 30L % 300));
            stop("joiningOverMillis", consumer, handler);
            figures.unclean(
                    !joiner.beginDrain(request()).toCompletableFuture().join().clean());
            figures.interrupted(joiners.interrupted());
        }
        takeRest(stock, group, witness);
    }

    /** All is handled, and nothing comes. */
    private void idle() throws Exception {
        KafkaStock stock = KafkaStock.publish(broker, HANDLERS, KEYS);
        Witness witness = stock.witness(Strand.MESSAGE);
        StopHandler handler = new StopHandler(witness, Strand.MESSAGE::number, Duration.ZERO, HANDLERS);
        MessageConsumer consumer = consumer(KafkaNoop.source(stock, stock.newGroup()), handler);
        witness.awaitAll();
        Pause.take(IDLE);
        stop("idleMillis", consumer, handler);
    }

    /** A loop over the bare client whose owner wrote a stop with care, for comparison. */
    private void bare() throws Exception {
        KafkaStock stock = publish();
        String group = stock.newGroup();
        Witness witness = stock.witness(Strand.MESSAGE);
        StopHandler handler = handler(witness);
        try (KafkaBatchLoop loop = KafkaBatchLoop.start(stock, group, HANDLERS, handler)) {
            handler.awaitBusy();
            handler.stopping();
            long begun = System.nanoTime();
            loop.stop();
            tell("bareOverMillis", (System.nanoTime() - begun) / 1e6 - handler.longestMillis());
        }
        takeRest(stock, group, witness);
    }

    private KafkaStock publish() {
        return KafkaStock.publish(broker, backlog + 10 * HANDLERS, KEYS);
    }

    /** Stopped when each handler has begun a few times. */
    private static StopHandler handler(Witness witness) {
        return new StopHandler(witness, Strand.MESSAGE::number, WORK, 5 * HANDLERS);
    }

    private static MessageConsumer consumer(KafkaSource source, StopHandler handler) {
        return MessageConsumer.from(source)
                .name("bench")
                .concurrency(HANDLERS)
                .ordering(Ordering.byKey())
                .dropRejected()
                .handle(handler)
                .start();
    }

    private void stop(String what, MessageConsumer consumer, StopHandler handler) {
        handler.stopping();
        long begun = System.nanoTime();
        DrainReport report =
                consumer.beginDrain(request()).toCompletableFuture().join();
        double took = (System.nanoTime() - begun) / 1e6;
        tell(what, took - handler.longestMillis());
        figures.interrupted(handler.interrupted());
        figures.unclean(!report.clean());
        people.println(report.describe());
    }

    private static DrainRequest request() {
        return DrainRequest.because("bench").mode(DrainMode.FINISH_STARTED);
    }

    private void tell(String what, double millis) {
        figures.took(what, millis);
        people.printf(Locale.ROOT, "%-18s %6.1f%n", what, millis);
        people.flush();
    }

    private void takeRest(KafkaStock stock, String group, Witness witness) {
        figures.unclean(!KafkaRest.take(stock, group, witness::saw));
        figures.check(stock.records(), witness.tally(0));
    }
}
