package io.lastcall.kafka;

import io.lastcall.ConsumerState;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.HandlingContext;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.Retry;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Capability;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import io.lastcall.testkit.simulation.Play;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One schedule of the real engine and the real poll loop on a simulated cluster. Not thread-safe. */
final class SimulatedRound {

    private static final long SECOND = 1_000_000_000;

    private final Play play;
    private final SimulatedCluster cluster;
    private final Plant plant;
    private final MessageConsumer consumer;
    private final KafkaPositions positions = new KafkaPositions();
    private final Map<Object, KafkaMessage> running = new HashMap<>();
    private final boolean byKey;
    private final boolean byLane;
    private final boolean calm;
    private final int failing;
    private final int attempts;
    private final long handling;
    private final long span;
    private final boolean toTheEnd;
    private int restarts;
    private boolean over;
    private boolean draining;
    /** All reports so far. */
    private boolean clean = true;

    private SimulatedRound(long seed, Plant plant) {
        this.play = new Play(seed);
        this.plant = plant;
        this.cluster = new SimulatedCluster(play, plant);
        this.byKey = play.oneIn(2);
        this.byLane = !byKey && play.oneIn(2);
        this.calm = play.oneIn(4);
        this.failing = play.oneIn(2) ? 0 : play.between(1, 30);
        this.attempts = play.between(1, 3);
        this.handling = play.magnitude(1_000, SECOND / 5);
        this.span = play.magnitude(5_000_000, 2 * SECOND);
        this.toTheEnd = play.oneIn(2);
        this.restarts = play.oneIn(3) ? 1 : 0;
        KafkaSource source = KafkaSource.topics(SimulatedCluster.TOPIC)
                .groupId("group")
                .properties(Map.of("bootstrap.servers", "nowhere:1"))
                .commitInterval(Duration.ofNanos(play.magnitude(1_000_000, SECOND / 2)))
                .bound(play.between(1, 12))
                .revokeWait(Duration.ofNanos(play.magnitude(100_000, SECOND)))
                .positions(positions)
                .clients(properties -> new SimulatedClient(play, cluster));
        Ordering ordering = byKey ? Ordering.byKey() : byLane ? Ordering.byLane() : Ordering.none();
        consumer = play.consumer(
                new Watched(source),
                new Play.Settings(
                        play.between(1, 4),
                        play.between(1, 10),
                        ordering,
                        DrainSettings.within(budget()),
                        Retry.exponential(attempts, Duration.ofMillis(1), Duration.ofMillis(50))),
                this::handle);
    }

    /** Plays a seed; says what was violated. */
    static List<String> play(long seed, Plant plant) {
        return new SimulatedRound(seed, plant).run();
    }

    private Duration budget() {
        return Duration.ofNanos(play.magnitude(100_000_000, 10 * SECOND));
    }

    private List<String> run() {
        int records = play.between(1, 16);
        for (int i = 0; i < records; i++) {
            if (play.oneIn(2)) {
                cluster.append();
            } else {
                play.after(moment(), cluster::append);
            }
        }
        start();
        for (int i = calm ? 0 : play.between(0, 5); i > 0; i--) {
            play.after(moment(), () -> happen(play.below(6)));
        }
        if (toTheEnd) {
            play.after(span, this::repair);
        } else {
            play.after(moment(), this::drain);
        }
        return play.run(() -> over, Duration.ofSeconds(200));
    }

    private long moment() {
        return play.below((int) span);
    }

    private void start() {
        consumer.beginStart();
    }

    private void happen(int what) {
        if (cluster.isRepaired()) {
            return;
        }
        switch (what) {
            case 0, 1, 2 -> cluster.rebalance();
            case 3 -> cluster.expel();
            case 4 -> {
                consumer.pause("played");
                play.after(play.magnitude(10_000, SECOND), () -> consumer.resume("played"));
            }
            default -> positions.seek(KafkaStart.earliest());
        }
        if (play.oneIn(2)) {
            play.after(moment(), () -> {
                if (!cluster.isRepaired()) {
                    cluster.visitOthers();
                }
            });
        }
    }

    // ---- handlers ----

    private CompletionStage<Outcome> handle(Message<byte[]> raw, HandlingContext context) {
        KafkaMessage message = (KafkaMessage) raw;
        started(message);
        Handling later = new Handling(message, context);
        long time = play.oneIn(10) ? play.magnitude(handling, 40 * handling) : 1 + play.below((int) handling);
        if (play.oneIn(4)) {
            play.interleave();
            later.finish();
        } else {
            play.after(time, later::finish);
        }
        return later;
    }

    private void started(KafkaMessage message) {
        SimulatedClient client = cluster.client();
        SimulatedLog log = cluster.log(message.partition().id());
        if (client == null || message.partition().ended()) {
            play.violated("handles " + message + ", whose partition was given up");
        }
        if (log.atArrival.isDone(message.offset())) {
            play.violated("handles " + message + ", which was done before the partition came");
        }
        KafkaMessage other = strand(message) == null ? null : running.put(strand(message), message);
        if (other != null) {
            play.violated("handles " + message + " while " + other + " of the same strand is handled");
        }
    }

    private @Nullable Object strand(KafkaMessage message) {
        if (byKey) {
            byte[] key = message.key();
            return key == null ? null : Byte.valueOf(key[0]);
        }
        return byLane ? message.partition().id() : null;
    }

    private final class Handling extends CompletableFuture<Outcome> {
        private final KafkaMessage message;
        private final boolean deaf = play.oneIn(4);

        private final HandlingContext context;

        Handling(KafkaMessage message, HandlingContext context) {
            this.message = message;
            this.context = context;
        }

        void finish() {
            if (isDone()) {
                return;
            }
            running.remove(strand(message), message);
            // What fails because it was told to stop is no attempt; only the engine knows then what becomes of it.
            boolean fails = !cluster.isRepaired() && !context.stopping() && play.percent(failing);
            int what = fails ? play.below(4) : 4;
            if (what < 3 && context.attempt() >= attempts) {
                what = 3; // whether a last failure is a rejection or, in a drain, none, only the engine knows
            }
            if (what == 0) {
                complete(Outcome.release(Duration.ofMillis(play.below(50))));
            } else if (what == 1) {
                completeExceptionally(new Failed());
            } else if (what == 2) {
                complete(Outcome.retry());
            } else {
                boolean stale = message.partition().ended();
                if (!stale) {
                    cluster.log(message.partition().id()).done.set((int) message.offset());
                } else if (plant == Plant.STALE_EPOCH_SETTLES && cluster.client() != null) {
                    cluster.client().commitStale(message.partition().id(), message.offset());
                }
                complete(what == 3 ? Outcome.reject("no use") : Outcome.accept());
            }
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            if (deaf || isDone()) {
                return false;
            }
            running.remove(strand(message), message);
            return completeExceptionally(new Failed());
        }
    }

    @SuppressWarnings("serial")
    private static final class Failed extends RuntimeException {
        Failed() {
            super("the handler fails", null, false, false);
        }
    }

    // ---- the end ----

    private void repair() {
        consumer.resume("played");
        cluster.repair();
        play.after(60 * SECOND, () -> {
            if (!draining) {
                play.violated("stuck: " + consumer.snapshot());
                over = true;
            }
        });
        lookForTheEnd();
    }

    /** Looks again from time to time: virtual time costs nothing. */
    private void lookForTheEnd() {
        if (cluster.logs().stream().allMatch(it -> it.allDone() && it.covered())) {
            drain();
        } else {
            play.after(50_000_000, this::lookForTheEnd);
        }
    }

    private void drain() {
        draining = true;
        DrainRequest request = DrainRequest.because("played");
        if (play.oneIn(2)) {
            request = request.mode(
                    play.oneIn(2)
                            ? DrainMode.FINISH_STARTED
                            : play.oneIn(2) ? DrainMode.STOP_NOW : DrainMode.FINISH_UNTIL_DEADLINE);
        }
        consumer.beginDrain(request.within(budget()));
        consumer.ended().thenAccept(this::drained);
    }

    private void drained(DrainReport report) {
        if (consumer.state() != ConsumerState.CLOSED) {
            play.violated("told to be over while " + consumer.state());
        }
        clean &= report.clean();
        if (clean && calm) {
            for (SimulatedLog log : cluster.logs()) {
                if (!log.forgotten && !log.covered()) {
                    play.violated("the report is clean, but of " + log.id + " only " + log.committed + " is committed: "
                            + log.done + " " + report.describe());
                }
            }
        }
        if (restarts-- > 0 && !over) {
            play.after(play.magnitude(1_000, SECOND), () -> {
                draining = false;
                start();
                play.after(moment(), this::drain);
            });
        } else {
            play.after(SECOND / 10, () -> over = true);
        }
    }

    // ---- the source, watched ----

    /** Tells the cluster what was asked of the source. */
    private final class Watched implements SourceFactory<KafkaMessage> {
        private final KafkaSource source;

        Watched(KafkaSource source) {
            this.source = source;
        }

        @Override
        public String name() {
            return source.name();
        }

        @Override
        public Set<Capability> capabilities() {
            return source.capabilities();
        }

        @Override
        public Source<KafkaMessage> open() {
            cluster.stopAsked = false;
            cluster.stopConfirmed = false;
            Source<KafkaMessage> real = source.open();
            return new Source<>() {
                @Override
                public void start(Intake<KafkaMessage> intake) throws Exception {
                    real.start(intake);
                }

                @Override
                public CompletionStage<Void> stopReceiving() {
                    cluster.stopAsked = true;
                    CompletionStage<Void> stage = real.stopReceiving();
                    return stage.thenRun(() -> cluster.stopConfirmed = true);
                }

                @Override
                public void settle(List<? extends Settlement<KafkaMessage>> run) {
                    real.settle(run);
                }

                @Override
                public CompletionStage<List<io.lastcall.spi.Extension>> extend(List<Delivery<KafkaMessage>> held) {
                    return real.extend(held);
                }

                @Override
                public void close(Duration atMost) throws Exception {
                    real.close(atMost);
                }
            };
        }
    }
}
