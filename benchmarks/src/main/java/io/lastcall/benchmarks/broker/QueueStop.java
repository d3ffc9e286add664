package io.lastcall.benchmarks.broker;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.benchmarks.broker.MadeBody.Strand;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * How long a stop takes beyond the longest handler that it has to wait for. After each, what is left is taken from the queue: each message
 * must have been handled or be there, and only once.
 */
final class QueueStop {

    private static final int HANDLERS = 64;
    private static final int WARM_UPS = 2;
    private static final Duration WORK = Duration.ofMillis(20);
    private static final Duration IDLE = Duration.ofMillis(500);

    private final Queues queues;
    private final PrintWriter people;
    private final int backlog;
    private final StopFigures figures = new StopFigures();

    private QueueStop(Queues queues, PrintWriter people, int backlog) {
        this.queues = queues;
        this.people = people;
        this.backlog = backlog;
    }

    static Map<String, Number> measure(Queues queues, int backlog, int rounds, PrintWriter people) throws Exception {
        Map<String, Number> figures = new LinkedHashMap<>();
        figures.put("backlog", backlog);
        figures.put("rounds", rounds);
        figures.put("handlers", HANDLERS);
        figures.put("handlerMillis", WORK.toMillis());
        QueueStop warmUp = new QueueStop(queues, people, backlog);
        for (int round = 0; round < WARM_UPS; round++) {
            warmUp.round();
        }
        QueueStop measured = new QueueStop(queues, people, backlog);
        for (int round = 0; round < rounds; round++) {
            measured.round();
        }
        measured.figures.addTo(figures);
        return figures;
    }

    private void round() throws Exception {
        busy();
        empty();
        bare();
    }

    private void busy() throws Exception {
        String queue = queues.fill(messages());
        Witness witness = witness(messages());
        StopHandler handler = new StopHandler(witness, Queues::number, WORK, 5 * HANDLERS);
        MessageConsumer consumer = queues.ours(queue, HANDLERS).handle(handler).start();
        handler.awaitBusy();
        stop("overMillis", consumer, handler);
        takeRest(queue, witness, messages());
    }

    /** All is handled, and nothing comes. */
    private void empty() throws Exception {
        String queue = queues.fill(HANDLERS);
        Witness witness = witness(HANDLERS);
        StopHandler handler = new StopHandler(witness, Queues::number, Duration.ZERO, HANDLERS);
        MessageConsumer consumer = queues.ours(queue, HANDLERS).handle(handler).start();
        witness.awaitAll();
        Pause.take(IDLE);
        stop("emptyMillis", consumer, handler);
        takeRest(queue, witness, HANDLERS);
    }

    private void bare() throws Exception {
        String queue = queues.fill(messages());
        Witness witness = witness(messages());
        StopHandler handler = new StopHandler(witness, Queues::number, WORK, 5 * HANDLERS);
        try (AutoCloseable running = queues.bare(queue, HANDLERS, handler::handle)) {
            handler.awaitBusy();
            handler.stopping();
            long begun = System.nanoTime();
            running.close();
            tell("bareOverMillis", (System.nanoTime() - begun) / 1e6 - handler.longestMillis());
        }
    }

    private int messages() {
        return backlog + 10 * HANDLERS;
    }

    private static Witness witness(int messages) {
        int[] ones = new int[messages];
        Arrays.fill(ones, 1);
        return new Witness(Strand.MESSAGE, ones);
    }

    private void stop(String what, MessageConsumer consumer, StopHandler handler) {
        handler.stopping();
        long begun = System.nanoTime();
        DrainReport report = consumer.beginDrain(DrainRequest.because("bench").mode(DrainMode.FINISH_STARTED))
                .toCompletableFuture()
                .join();
        double took = (System.nanoTime() - begun) / 1e6;
        tell(what, took - handler.longestMillis());
        figures.interrupted(handler.interrupted());
        figures.unclean(!report.clean());
        people.println(report.describe());
    }

    private void tell(String what, double millis) {
        figures.took(what, millis);
        people.printf(Locale.ROOT, "%-18s %6.1f%n", what, millis);
        people.flush();
    }

    private void takeRest(String queue, Witness witness, int messages) throws Exception {
        for (int number : queues.takeRest(queue)) {
            witness.saw(number, 0);
        }
        figures.check(messages, witness.tally(0));
    }
}
