package io.lastcall.examples.demo;

import io.lastcall.ConsumerRuntime;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.Retry;
import io.lastcall.RuntimeBuilder;
import io.lastcall.RuntimeReport;
import io.lastcall.examples.demo.OrderBroker.Evidence;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** One demo, from the first order to the account of all. One thread. */
final class Demo {

    private static final int CONCURRENCY = 32;
    private static final int DISAGREEMENT = 1;

    /**
     * How it ended.
     *
     * @param json one line; empty when there is nothing to account for
     * @param exitStatus 1 when ledger, broker and report disagree, else as the report says
     */
    record Result(Optional<String> json, int exitStatus) {}

    private final OrderBroker broker;
    private final CompletableFuture<String> brokerGone;
    private final Optional<Duration> limit;
    private final int messages;
    private final Progress progress;
    private final Ledger ledger;
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2, task -> {
        Thread thread = new Thread(task, "demo-clock");
        thread.setDaemon(true);
        return thread;
    });

    Demo(OrderBroker broker, Optional<Duration> limit, int messages, Progress progress) {
        this.broker = broker;
        this.brokerGone = broker.gone().toCompletableFuture();
        this.limit = limit;
        this.messages = messages;
        this.progress = progress;
        this.ledger = new Ledger(messages);
    }

    Result run() {
        progress.say("orders on " + broker.description() + "; " + CONCURRENCY
                + " handlers at once, in order for each customer; Ctrl-C drains");
        Publisher publisher = new Publisher(broker, ledger, messages);
        MessageConsumer orders = consumer();
        try (ConsumerRuntime runtime = runtime(orders)) {
            publisher.fill();
            publisher.start(clock);
            var unused = runtime.beginStart();
            progress.start(clock, ledger, orders::snapshot);
            limit.ifPresent(time -> endAfter(runtime, time));
            var end = ledger.goal().thenRun(() -> runtime.beginDrain(DrainRequest.because("all orders are done")));
            var gone = brokerGone.thenAccept(what -> brokerIsGone(runtime, what));
            RuntimeReport report = runtime.done().toCompletableFuture().join();
            progress.stop();
            publisher.stop();
            end.cancel(false);
            gone.cancel(false);
            return conclude(report);
        } finally {
            clock.shutdownNow();
        }
    }

    private MessageConsumer consumer() {
        return broker.subscribe()
                .name("orders")
                .concurrency(CONCURRENCY)
                .limit(20 * CONCURRENCY)
                .ordering(Ordering.byKey())
                .retry(Retry.fixed(OrderHandler.ATTEMPTS, Duration.ofMillis(50)))
                .drain(drain())
                .listener(progress)
                .decode(raw -> Order.read(raw.body()))
                .handle(new OrderHandler(new Bank(clock), ledger));
    }

    /** How the consumer drains, and all that runs with it. */
    static DrainSettings drain() {
        return DrainSettings.within(Duration.ofSeconds(20));
    }

    private ConsumerRuntime runtime(MessageConsumer orders) {
        RuntimeBuilder builder = ConsumerRuntime.of(orders).name("demo").drain(drain());
        broker.resources().forEach(builder::closing);
        return builder.build().onSignals();
    }

    private void endAfter(ConsumerRuntime runtime, Duration time) {
        var unused = clock.schedule(
                () -> runtime.beginDrain(DrainRequest.because(DurationText.of(time) + " are over")),
                time.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    /** Who cannot be reached is not waited for: what is in hand has ten seconds. */
    private void brokerIsGone(ConsumerRuntime runtime, String what) {
        progress.say(what + "; draining without it");
        runtime.beginDrain(
                DrainRequest.because(what).mode(DrainMode.FINISH_UNTIL_DEADLINE).within(Duration.ofSeconds(10)));
    }

    private Result conclude(RuntimeReport report) {
        Evidence evidence;
        try {
            if (brokerGone.isDone()) {
                throw new IllegalStateException("it has ended");
            }
            evidence = broker.readBack();
        } catch (RuntimeException e) {
            progress.say(report.describe() + "\nERROR: the broker cannot be asked what became of the orders: " + e);
            return new Result(
                    report.consumers().stream()
                            .findFirst()
                            .map(it -> DemoReport.jsonWithoutBroker(broker.name(), it, ledger)),
                    report.clean() ? DISAGREEMENT : report.exitStatus());
        }
        if (report.consumers().isEmpty()) {
            progress.say(report.describe());
            return new Result(Optional.empty(), report.exitStatus());
        }
        DrainReport drained = report.consumers().get(0);
        Audit audit = Audit.of(ledger, evidence, drained);
        progress.say(DemoReport.text(broker, ledger, report, drained, audit));
        return new Result(
                Optional.of(DemoReport.json(broker.name(), report.clean(), drained, audit)),
                audit.disagreements().isEmpty() ? report.exitStatus() : DISAGREEMENT);
    }
}
