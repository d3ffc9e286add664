package io.lastcall.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.MessageHandler;
import io.lastcall.Retry;
import io.lastcall.message.Outcome;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** Cases about what each mode does with what is held. Stateless. */
final class ModeCases {

    private static final int MESSAGES = 6;

    private ModeCases() {}

    static void untilDeadline(BrokerFixture fixture) throws Exception {
        finishes(fixture, Rule.FINISH_UNTIL_DEADLINE, DrainMode.FINISH_UNTIL_DEADLINE);
    }

    static void all(BrokerFixture fixture) throws Exception {
        finishes(fixture, Rule.FINISH_ALL, DrainMode.FINISH_ALL);
    }

    private static void finishes(BrokerFixture fixture, Rule rule, DrainMode mode) throws Exception {
        try (Trial trial = new Trial(fixture, rule)) {
            trial.publishKeys("a", MESSAGES);
            var watched = trial.consumer(it -> it.concurrency(1).limit(MESSAGES), ledger -> trial.accepting("go"))
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("all held", trial.patience, () -> ledger.taken() == MESSAGES);
            long begun = System.nanoTime();
            var draining = trial.beginDrain(watched, mode, trial.ample);
            ledger.await("stop confirmed", trial.patience, ledger::stopWasConfirmed);
            trial.signals.fire("go");
            DrainReport report = trial.drained(watched, draining, begun, trial.ample);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(MESSAGES);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            trial.nothingIsLost();
        }
    }

    static void stopNow(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.STOP_NOW)) {
            trial.publishKeys("a", MESSAGES);
            CountDownLatch told = new CountDownLatch(2);
            MessageHandler<byte[]> handler = (message, context) -> {
                try {
                    trial.signals.await("never", trial.ample);
                } finally {
                    if (context.stopping()) {
                        told.countDown();
                    }
                }
                return Outcome.accept();
            };
            var watched = trial.consumer(it -> it.concurrency(2).limit(MESSAGES), ledger -> handler)
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await(
                    "all held, two started",
                    trial.patience,
                    () -> ledger.taken() == MESSAGES && ledger.starts().size() == 2);
            DrainReport report = trial.drain(watched, DrainMode.STOP_NOW, Duration.ofSeconds(6));
            assertThat(told.getCount()).as("handlers that were not told").isZero();
            assertThat(report.counts().accepted()).as("%s", report.describe()).isZero();
            assertThat(ledger.starts()).hasSize(2);
            trial.nothingIsLost();
        }
    }

    static void interruptAtDeadline(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.INTERRUPT_AT_DEADLINE)) {
            CountDownLatch interrupted = new CountDownLatch(1);
            MessageHandler<byte[]> handler = (message, context) -> {
                try {
                    trial.signals.await("never", trial.ample);
                } catch (InterruptedException e) {
                    interrupted.countDown();
                    throw e;
                }
                return Outcome.accept();
            };
            trial.publishKeys("a", 1);
            var watched = trial.consumer(it -> it, ledger -> handler).start();
            Ledger ledger = watched.ledger();
            ledger.await("1 started", trial.patience, () -> ledger.starts().size() == 1);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, Duration.ofSeconds(4));
            assertThat(interrupted.getCount()).isZero();
            assertThat(report.counts().accepted()).as("%s", report.describe()).isZero();
            trial.nothingIsLost();
        }
    }

    static void backOffNeverHolds(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.BACK_OFF_NEVER_HOLDS)) {
            Duration backOff = Duration.ofSeconds(10);
            MessageHandler<byte[]> handler = (message, context) -> Outcome.retry();
            trial.publishKeys("a", 2);
            // What waits may hold half of the limit: a broker that can wait is given one of the two at once; any other
            // needs room for both, or the second would not start.
            int limit = trial.brokerWaits() ? 2 : 4;
            var watched = trial.consumer(
                            it -> it.concurrency(2).limit(limit).retry(Retry.fixed(1_000, backOff)), ledger -> handler)
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("2 failed", trial.patience, () -> ledger.handled() >= 2);
            boolean again = ledger.comes(Trial.NOTICE, () -> ledger.handled() > 2);
            assertThat(again)
                    .as("tried again before its back-off was over: %s", ledger)
                    .isFalse();
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(report.phases().total()).as("%s", report.describe()).isLessThan(backOff.dividedBy(2));
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            assertThat(report.counts().released() + report.counts().retried())
                    .as("%s", report.describe())
                    .isEqualTo(report.counts().received());
            trial.nothingIsLost(backOff); // a broker that can wait may have been told to
        }
    }
}
