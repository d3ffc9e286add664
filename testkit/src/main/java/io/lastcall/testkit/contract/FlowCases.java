package io.lastcall.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.MessageConsumer;
import io.lastcall.MessageHandler;
import io.lastcall.message.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Cases about how much runs at once, and about one consumer after or beside another. Stateless. */
final class FlowCases {

    private FlowCases() {}

    static void concurrencyKept(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.CONCURRENCY_KEPT)) {
            int allowed = 3;
            AtomicInteger running = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            CountDownLatch together = new CountDownLatch(allowed);
            MessageHandler<byte[]> handler = (message, context) -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                together.countDown();
                boolean met = together.await(trial.patience.toNanos(), TimeUnit.NANOSECONDS);
                running.decrementAndGet();
                return met ? Outcome.accept() : Outcome.reject("fewer than allowed ran at once");
            };
            trial.publishKeys("a", 12);
            var watched = trial.consumer(it -> it.concurrency(allowed), ledger -> handler)
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("12 handled", trial.ample, () -> ledger.handled() == 12);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(12);
            assertThat(most).hasValue(allowed);
            trial.nothingIsLost();
        }
    }

    static void concurrencyChanges(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.CONCURRENCY_CHANGES)) {
            trial.publishKeys("a", 6);
            var watched = trial.consumer(it -> it.concurrency(1).limit(8), ledger -> trial.accepting("go"))
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("1 started", trial.patience, () -> ledger.starts().size() == 1);
            watched.consumer().changeConcurrency(4);
            ledger.await("4 started", trial.patience, () -> ledger.starts().size() == 4);
            boolean more = ledger.comes(Trial.NOTICE, () -> ledger.starts().size() > 4);
            trial.signals.fire("go");
            ledger.await("6 handled", trial.patience, () -> ledger.handled() == 6);
            assertThat(more).as("more than 4 ran at once").isFalse();
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            trial.nothingIsLost();
        }
    }

    static void limitChanges(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.LIMIT_CHANGES)) {
            var watched = trial.consumer(it -> it.concurrency(2).limit(8), ledger -> trial.accepting(null))
                    .start();
            Ledger ledger = watched.ledger();
            int sent = 0;
            for (int limit : List.of(1, 20, 2)) {
                watched.consumer().changeLimit(limit);
                trial.publishKeys("l" + limit + "k", 10);
                sent += 10;
                int all = sent;
                ledger.await("handled with a limit of " + limit, trial.patience, () -> ledger.handled() == all);
            }
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(sent);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            trial.nothingIsLost();
        }
    }

    static void smallLimit(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.SMALL_LIMIT)) {
            trial.publishKeys("a", 30);
            var watched = trial.consumer(it -> it.concurrency(2).limit(2), ledger -> trial.accepting(null))
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("30 handled", trial.patience, () -> ledger.handled() == 30);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(30);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            trial.nothingIsLost();
        }
    }

    static void shared(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.SHARED_SUBSCRIPTION)) {
            trial.publishKeys("a", 20);
            // Whichever joins first may handle them all before the other has its share.
            MessageHandler<byte[]> either = (message, context) -> {
                trial.signals.fire("something handled");
                return Outcome.accept();
            };
            var first = trial.consumer(it -> it.concurrency(2).limit(4), ledger -> either)
                    .start();
            var second = trial.consumer(it -> it.concurrency(2).limit(4), ledger -> either)
                    .start();
            trial.signals.await("something handled", trial.patience);
            DrainReport ofFirst = trial.drain(first, DrainMode.FINISH_STARTED, trial.ample);
            assertThat(ofFirst.clean()).as("%s", ofFirst.describe()).isTrue();
            trial.publishKeys("b", 10);
            int left = 30 - (int) ofFirst.counts().accepted();
            second.ledger()
                    .await(
                            "the rest handled",
                            trial.fixture.comesBackWithin().plus(trial.patience),
                            () -> second.ledger().handled() >= left);
            DrainReport ofSecond = trial.drain(second, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(ofSecond.clean()).as("%s", ofSecond.describe()).isTrue();
            noneTwice(List.of(first, second));
            trial.nothingIsLost();
        }
    }

    static void restart(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.RESTART)) {
            List<String> handled = new CopyOnWriteArrayList<>();
            AtomicInteger calls = new AtomicInteger();
            MessageConsumer consumer = trial.plain((message, context) -> {
                handled.add(Ledger.body(message));
                trial.signals.fire("handled " + calls.incrementAndGet());
                return Outcome.accept();
            });
            for (int round = 1; round <= 3; round++) {
                trial.publishKeys("r" + round + "k", 3);
                consumer.start();
                trial.signals.await("handled " + 3 * round, trial.patience);
                DrainReport report = consumer.drain();
                assertThat(handled).as("handled once, whatever was restarted").doesNotHaveDuplicates();
                assertThat(report.clean()).as("%s", report.describe()).isTrue();
                assertThat(report.counts().accepted())
                        .as("%s", report.describe())
                        .isEqualTo(3);
            }
            assertThat(handled).hasSize(9);
            trial.done(Set.copyOf(handled));
            trial.nothingIsLost();
        }
    }

    static void rolling(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.ROLLING_RESTARTS)) {
            List<Trial.Watched> all = new ArrayList<>();
            for (int round = 0; round < 5; round++) {
                trial.publishKeys("r" + round + "k", 4);
                var watched = trial.consumer(it -> it.concurrency(2), ledger -> trial.accepting(null))
                        .start();
                all.add(watched);
                Ledger ledger = watched.ledger();
                ledger.await("4 handled", trial.patience, () -> ledger.handled() >= 4);
                DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
                assertThat(report.clean()).as("%s", report.describe()).isTrue();
            }
            noneTwice(all);
            trial.nothingIsLost();
        }
    }

    private static void noneTwice(List<Trial.Watched> all) {
        List<String> done = new ArrayList<>();
        all.forEach(watched -> watched.ledger().starts().forEach(start -> done.add(start.body())));
        assertThat(done).as("handled by one or the other").doesNotHaveDuplicates();
    }
}
