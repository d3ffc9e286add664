package io.lastcall.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.ConsumerBuilder;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.MessageHandler;
import io.lastcall.message.Headers;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Capability;
import io.lastcall.spi.SourceFactory;
import io.lastcall.testkit.Signals;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One run of one case: a destination, the consumers of it with their ledgers, and the sums at the end. One thread's, but publish. */
final class Trial implements AutoCloseable {

    /** For what must not come. */
    static final Duration NOTICE = Duration.ofMillis(400);
    /** What a drain may take beyond its deadline (H5). */
    static final Duration SLACK = Duration.ofMillis(250);
    /** In what time messages must be available after a clean drain; less where the broker is said to be quicker. */
    private static final Duration AT_ONCE = Duration.ofSeconds(5);

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    /** One consumer with its ledger. */
    record Watched(MessageConsumer consumer, Ledger ledger) {

        Watched start() {
            consumer.start();
            return this;
        }
    }

    final BrokerFixture fixture;
    /** For what comes unless something is broken. */
    final Duration patience;
    /** For drains that are expected to end before. */
    final Duration ample;

    final Signals signals = new Signals();
    private final String name;
    private final Destination destination;
    private final Set<String> published = Collections.synchronizedSet(new LinkedHashSet<>());
    private final List<Watched> consumers = new ArrayList<>();
    // Case's thread only.
    private boolean patient;
    private boolean wasCut;

    Trial(BrokerFixture fixture, Rule rule) throws Exception {
        this.fixture = fixture;
        this.patience = fixture.patience();
        this.ample = patience.multipliedBy(2);
        this.name = rule.name().toLowerCase(Locale.ROOT).replace('_', '-') + "-" + NUMBERS.incrementAndGet();
        this.destination = fixture.create(name);
    }

    /** Whether the broker can wait before it hands out again what it was given back. */
    boolean brokerWaits() {
        return destination.source().capabilities().contains(Capability.DELAYED_REDELIVERY);
    }

    // ---- before the drain

    /** Publishes bodies {@code key|0}, {@code key|1}... */
    void publish(String key, int messages) throws Exception {
        for (int i = 0; i < messages; i++) {
            publishOne(key, key + "|" + i);
        }
    }

    /** One message for each of so many keys. */
    void publishKeys(String prefix, int keys) throws Exception {
        for (int i = 0; i < keys; i++) {
            publishOne(prefix + i, prefix + i + "|0");
        }
    }

    void publishOne(String key, String body) throws Exception {
        published.add(body);
        destination.publish(key, body);
    }

    void publishBytes(String key, byte[] body, Headers headers) throws Exception {
        published.add(new String(body, StandardCharsets.UTF_8));
        destination.publish(key, body, headers);
    }

    static String keyOf(String body) {
        return body.substring(0, body.indexOf('|'));
    }

    Watched consumer(
            UnaryOperator<ConsumerBuilder<byte[]>> settings, Function<Ledger, MessageHandler<byte[]>> handler) {
        return consumer(destination.source(), settings, handler);
    }

    private <R> Watched consumer(
            SourceFactory<R> source,
            UnaryOperator<ConsumerBuilder<byte[]>> settings,
            Function<Ledger, MessageHandler<byte[]>> handler) {
        Ledger ledger = new Ledger();
        return consumer(ledger, Observed.by(ledger, source, fixture.freeRelease()), settings, handler);
    }

    /** One whose start is overtaken by the stop, once. */
    Watched startingLast(Function<Ledger, MessageHandler<byte[]>> handler) {
        return startingLast(destination.source(), handler);
    }

    private <R> Watched startingLast(SourceFactory<R> source, Function<Ledger, MessageHandler<byte[]>> handler) {
        Ledger ledger = new Ledger();
        SourceFactory<R> observed = Observed.by(ledger, source, fixture.freeRelease());
        return consumer(ledger, new StartsLast<>(observed, signals, patience), it -> it, handler);
    }

    private Watched consumer(
            Ledger ledger,
            SourceFactory<?> source,
            UnaryOperator<ConsumerBuilder<byte[]>> settings,
            Function<Ledger, MessageHandler<byte[]>> handler) {
        ConsumerBuilder<byte[]> builder = MessageConsumer.from(source)
                .name(name + "-c" + consumers.size())
                .dropRejected();
        MessageConsumer consumer = settings.apply(builder).handle(ledger.watch(handler.apply(ledger)));
        Watched watched = new Watched(consumer, ledger);
        consumers.add(watched);
        return watched;
    }

    /** One without a ledger, which is for one run: what it accepts counts as done if its report says so. */
    MessageConsumer plain(MessageHandler<byte[]> handler) {
        return MessageConsumer.from(destination.source())
                .name(name + "-plain")
                .dropRejected()
                .handle(handler);
    }

    /** What was done by one without a ledger. */
    void done(Set<String> bodies) {
        published.removeAll(bodies);
    }

    /** A handler that accepts, after the signal where one is named. */
    MessageHandler<byte[]> accepting(@Nullable String after) {
        return (message, context) -> {
            if (after != null) {
                signals.await(after, ample);
            }
            return Outcome.accept();
        };
    }

    // ---- the drain

    /** Cuts the consumers off from the broker. */
    void cut() throws Exception {
        wasCut = true;
        fixture.cut();
    }

    /** Waits for the report and checks time, sums and ledger. */
    DrainReport drained(Watched watched, CompletionStage<DrainReport> draining, long begun, Duration within)
            throws Exception {
        DrainReport report = awaited(watched, draining, begun, within);
        watched.ledger.drainReturned();
        check(watched, report);
        return report;
    }

    /** Waits for the report and checks the time only. */
    DrainReport awaited(Watched watched, CompletionStage<DrainReport> draining, long begun, Duration within)
            throws Exception {
        DrainReport report;
        try {
            report = draining.toCompletableFuture().get(within.plus(patience).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("the drain of " + within + " has not returned; " + watched.ledger, e);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        assertThat(took).as("time to the report of%n%s", report.describe()).isLessThanOrEqualTo(within.plus(SLACK));
        return report;
    }

    DrainReport drain(Watched watched, DrainMode mode, Duration within) throws Exception {
        long begun = System.nanoTime();
        return drained(watched, beginDrain(watched, mode, within), begun, within);
    }

    CompletionStage<DrainReport> beginDrain(Watched watched, DrainMode mode, Duration within) {
        return watched.consumer.beginDrain(
                DrainRequest.because("contract").mode(mode).within(within));
    }

    private void check(Watched watched, DrainReport report) {
        Ledger ledger = watched.ledger;
        String text = report.describe() + "\n" + ledger;
        var counts = report.counts();
        assertThat(counts.ended()).as("the report adds up: %s", text).isEqualTo(counts.received());
        assertThat(report.problems())
                .as("problems of the account: %s", text)
                .noneMatch(problem -> problem.where().equals("account"));
        assertThat(counts.received()).as("received, %s", text).isEqualTo(ledger.taken());
        assertThat(report.refusedOffers()).as("refused offers, %s", text).isEqualTo(ledger.refused());
        compare(
                "accepted",
                counts.accepted(),
                ledger.answered(Outcome.Accept.class, Entry.Answer.SETTLED),
                report,
                text);
        compare("retried", counts.retried(), ledger.answered(Outcome.Retry.class, Entry.Answer.SETTLED), report, text);
        compare(
                "rejected",
                counts.rejected(),
                ledger.answered(Outcome.Reject.class, Entry.Answer.SETTLED),
                report,
                text);
        compare(
                "released",
                counts.released(),
                ledger.answered(Outcome.Release.class, Entry.Answer.SETTLED),
                report,
                text);
        assertThat(ledger.breaches()).as("%s", text).isEmpty();
        if (!report.clean() || counts.revoked() > 0) {
            patient = true;
        }
    }

    private static void compare(String what, long reported, int seen, DrainReport report, String text) {
        if (report.closed()) {
            assertThat(reported).as("%s, %s", what, text).isEqualTo(seen);
        } else {
            // A source that was left behind may still answer: to the ledger, not to the report.
            assertThat(reported).as("%s, %s", what, text).isLessThanOrEqualTo(seen);
        }
    }

    // ---- the end

    /**
     * Nothing is lost and nothing is done twice unseen: what was confirmed is not available, all else is, but for what nobody knows.
     */
    void nothingIsLost() throws Exception {
        nothingIsLost(Duration.ZERO);
    }

    /** The same, where the broker may have been told to wait for so long before it hands something out again. */
    void nothingIsLost(Duration delayed) throws Exception {
        Set<String> done = new LinkedHashSet<>();
        Set<String> unsure = new LinkedHashSet<>();
        for (Watched watched : consumers) {
            done.addAll(watched.ledger.bodies(entry -> entry.finishes() && entry.answer == Entry.Answer.SETTLED));
            unsure.addAll(watched.ledger.bodies(entry ->
                    entry.finishes() && entry.answer != Entry.Answer.SETTLED && entry.answer != Entry.Answer.REFUSED));
        }
        Set<String> possible = new LinkedHashSet<>(published);
        possible.removeAll(done);
        Set<String> certain = new LinkedHashSet<>(possible);
        certain.removeAll(unsure);
        Duration quick = fixture.comesBackWithin().compareTo(AT_ONCE) < 0 ? fixture.comesBackWithin() : AT_ONCE;
        List<String> available =
                destination.takeAvailable(certain.size(), (patient ? fixture.comesBackWithin() : quick).plus(delayed));
        assertThat(available)
                .as("available at the broker, nothing lost; done %s, unsure %s", done, unsure)
                .containsAll(certain);
        if (wasCut && !fixture.keepsSettlements()) {
            possible.addAll(done);
        }
        assertThat(possible)
                .as("not done and so allowed to be available; done %s", done)
                .containsAll(available);
        for (Watched watched : consumers) {
            assertThat(watched.ledger.breaches())
                    .as("after the end: %s", watched.ledger)
                    .isEmpty();
        }
    }

    @Override
    public void close() throws Exception {
        for (Watched watched : consumers) {
            watched.ledger.letOffersGo();
        }
        signals.fire(RELEASE_ALL);
        fixture.mend();
        Exception failure = null;
        for (Watched watched : consumers) {
            try {
                Duration within = Duration.ofSeconds(2);
                beginDrain(watched, DrainMode.STOP_NOW, within)
                        .toCompletableFuture()
                        .get(patience.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                failure = e;
            }
        }
        destination.close();
        if (failure != null) {
            throw failure;
        }
    }

    /** Fired when a case ends, however it ends: stuck handlers wait for it. */
    static final String RELEASE_ALL = "the case is over";
}
