package io.lastcall.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.ConsumerState;
import io.lastcall.Counts;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.MessageHandler;
import io.lastcall.Ordering;
import io.lastcall.Straggler;
import io.lastcall.Workers;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.LiveThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Cases about order, and about a consumer's beginning and end. Stateless. */
final class LifeCases {

    private LifeCases() {}

    static void keyOrderBeyondLanes(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.KEY_ORDER_BEYOND_LANES)) {
            int keys = 8;
            int each = 6;
            CountDownLatch allAtOnce = new CountDownLatch(keys);
            Set<String> busy = ConcurrentHashMap.newKeySet();
            Set<String> overlaps = ConcurrentHashMap.newKeySet();
            MessageHandler<byte[]> handler = (message, context) -> {
                String body = Ledger.body(message);
                String key = Trial.keyOf(body);
                if (!busy.add(key)) {
                    overlaps.add(body);
                }
                allAtOnce.countDown();
                boolean beyondLanes = allAtOnce.await(trial.patience.toNanos(), TimeUnit.NANOSECONDS);
                busy.remove(key);
                return beyondLanes ? Outcome.accept() : Outcome.reject("not all keys ran at once");
            };
            for (int i = 0; i < each; i++) {
                for (int key = 0; key < keys; key++) {
                    trial.publishOne("k" + key, "k" + key + "|" + i);
                }
            }
            var watched = trial.consumer(
                            it -> it.concurrency(keys)
                                    .limit(keys * each)
                                    .ordering(Ordering.byKey(message -> Trial.keyOf(Ledger.body(message)))),
                            ledger -> handler)
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("all handled", trial.ample, () -> ledger.handled() == keys * each);

            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);

            assertThat(overlaps).as("started while the key was at work").isEmpty();
            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo((long) keys * each);
            startsFollowOffers(ledger);
            if (fixture.keepsKeyOrder()) {
                startsFollowPublishing(ledger, keys, each);
            }
            trial.nothingIsLost();
        }
    }

    /** Within a lane and a key; between lanes the broker promises nothing. */
    private static void startsFollowOffers(Ledger ledger) {
        Map<String, String> lanes = ledger.offers().stream()
                .collect(Collectors.toMap(entry -> entry.body, entry -> entry.lane, (first, again) -> first));
        Map<String, List<String>> offered = ledger.offers().stream()
                .map(entry -> entry.body)
                .collect(Collectors.groupingBy(body -> Trial.keyOf(body) + " in " + lanes.get(body)));
        Map<String, List<String>> started = ledger.starts().stream()
                .map(Ledger.Start::body)
                .collect(Collectors.groupingBy(body -> Trial.keyOf(body) + " in " + lanes.get(body)));
        assertThat(started).as("starts follow offers").isEqualTo(offered);
    }

    private static void startsFollowPublishing(Ledger ledger, int keys, int each) {
        Map<String, List<String>> started =
                ledger.starts().stream().map(Ledger.Start::body).collect(Collectors.groupingBy(Trial::keyOf));
        for (int key = 0; key < keys; key++) {
            String name = "k" + key;
            List<String> published =
                    IntStream.range(0, each).mapToObj(i -> name + "|" + i).toList();
            assertThat(started.get(name)).as("starts follow publishing").isEqualTo(published);
        }
    }

    static void drainRacingStart(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.DRAIN_RACING_START)) {
            trial.publishKeys("a", 10);
            Duration within = trial.ample;
            stopOvertakesStart(trial, within);
            for (int round = 0; round < fixture.racingRounds(); round++) {
                var watched = trial.consumer(it -> it.concurrency(2), ledger -> trial.accepting(null));
                CyclicBarrier together = new CyclicBarrier(2);
                CompletableFuture<Void> answered = new CompletableFuture<>();
                Thread starter = new Thread(
                        () -> {
                            meet(together, trial.patience);
                            watched.consumer().beginStart().whenComplete((nothing, failure) -> answered.complete(null));
                        },
                        "contract-starter");
                starter.start();
                meet(together, trial.patience);
                long begun = System.nanoTime();
                var draining = trial.beginDrain(watched, DrainMode.FINISH_STARTED, within);
                DrainReport first = trial.awaited(watched, draining, begun, within);
                // Whether it stood before it was drained is chance; that somebody says so is not.
                assertThat(answered)
                        .as("a start is answered, drained or not: %s", watched.ledger())
                        .succeedsWithin(trial.patience);
                // A start that came after the drain began a run of its own; else this is the same report again.
                DrainReport last = trial.drain(watched, DrainMode.FINISH_STARTED, within);
                if (!first.equals(last)) {
                    assertThat(first.counts()).as("%s", first.describe()).isEqualTo(Counts.NONE);
                }
                assertThat(watched.consumer().state()).isEqualTo(ConsumerState.CLOSED);
            }
            trial.nothingIsLost();
        }
    }

    private static void stopOvertakesStart(Trial trial, Duration within) throws Exception {
        var watched = trial.startingLast(ledger -> trial.accepting(null));
        var starting = watched.consumer().beginStart();
        trial.signals.await(StartsLast.AT_THE_DOOR, trial.patience);
        trial.drain(watched, DrainMode.FINISH_STARTED, within);
        assertThat(starting)
                .as("a start is answered, drained or not: %s", watched.ledger())
                .satisfies(it -> assertThat(it.toCompletableFuture().handle((nothing, failure) -> true))
                        .succeedsWithin(trial.patience));
    }

    private static void meet(CyclicBarrier together, Duration patience) {
        try {
            together.await(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("the other thread did not come", e);
        }
    }

    static void noLeaks(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.NO_LEAKS)) {
            List<Thread> before = LiveThreads.named(fixture::isClientThread);
            MessageHandler<byte[]> handler = (message, context) -> {
                if (Ledger.body(message).startsWith("stuck")) {
                    trial.signals.awaitStubbornly(Trial.RELEASE_ALL);
                }
                return Outcome.accept();
            };
            for (int round = 0; round < 3; round++) {
                boolean last = round == 2;
                String prefix = last ? "stuck" : "r" + round + "k";
                trial.publishKeys(prefix, last ? 1 : 5);
                var watched = trial.consumer(it -> it.concurrency(3).workers(Workers.PLATFORM), ledger -> handler)
                        .start();
                Ledger ledger = watched.ledger();
                ledger.await(
                        "all started", trial.patience, () -> ledger.starts().size() == (last ? 1 : 5));
                DrainReport report = trial.drain(
                        watched, DrainMode.FINISH_UNTIL_DEADLINE, last ? Duration.ofSeconds(4) : trial.ample);

                Set<String> abandoned = report.stragglers().stream()
                        .map(Straggler::thread)
                        .flatMap(Optional::stream)
                        .collect(Collectors.toCollection(TreeSet::new));
                assertThat(abandoned).hasSize(last ? 1 : 0);
                String name = watched.consumer().name();
                List<Thread> own = LiveThreads.named(thread -> thread.startsWith(name) && !abandoned.contains(thread));
                List<Thread> client = new ArrayList<>(LiveThreads.named(fixture::isClientThread));
                client.removeAll(before);
                assertThat(LiveThreads.leftOf(own, Duration.ofSeconds(5)))
                        .as("threads of %s after its close: %s", name, report.describe())
                        .isEmpty();
                assertThat(LiveThreads.leftOf(client, Duration.ofSeconds(5)))
                        .as("threads of the client after the close of %s", name)
                        .isEmpty();
            }
            trial.nothingIsLost();
        }
    }
}
