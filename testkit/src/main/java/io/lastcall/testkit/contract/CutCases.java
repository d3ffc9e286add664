package io.lastcall.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.MessageHandler;
import io.lastcall.message.Outcome;
import java.time.Duration;

/** Cases about a broker that is gone or comes back, and about a lease that must be kept. Stateless. */
final class CutCases {

    private CutCases() {}

    static void goneBefore(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.BROKER_GONE_BEFORE_DRAIN)) {
            var watched = cutOffAfterTwo(trial);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, Duration.ofSeconds(6));
            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(2);
            fixture.mend();
            trial.nothingIsLost();
        }
    }

    /** A consumer that has settled two messages when its broker goes away. */
    private static Trial.Watched cutOffAfterTwo(Trial trial) throws Exception {
        trial.publishKeys("a", 2);
        var watched = trial.consumer(it -> it.concurrency(2), ledger -> trial.accepting(null))
                .start();
        Ledger ledger = watched.ledger();
        ledger.await(
                "2 settled", trial.patience, () -> ledger.count(entry -> entry.answer == Entry.Answer.SETTLED) == 2);
        trial.cut();
        return watched;
    }

    static void goneAtStart(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.BROKER_GONE_AT_START)) {
            trial.publishKeys("a", 2);
            trial.cut();
            var watched = trial.consumer(it -> it, ledger -> trial.accepting(null));
            var starting = watched.consumer().beginStart();
            // Drained any sooner, the source would not have been started at all.
            watched.ledger().await("start asked", trial.patience, watched.ledger()::startWasAsked);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, Duration.ofSeconds(6));
            assertThat(report.counts().received()).as("%s", report.describe()).isZero();
            assertThat(starting.toCompletableFuture().handle((nothing, failure) -> true))
                    .as("a start is answered: %s", watched.ledger())
                    .succeedsWithin(trial.patience);
            fixture.mend();
            trial.nothingIsLost();
        }
    }

    static void reconnect(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.RECONNECT)) {
            var watched = cutOffAfterTwo(trial);
            Ledger ledger = watched.ledger();
            fixture.mend();
            trial.publishKeys("b", 3);
            Duration within = fixture.comesBackWithin().plus(trial.patience);
            ledger.await(
                    "5 handled, or more",
                    within,
                    () -> ledger.bodies(Entry::finishes).size() == 5);
            trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            trial.nothingIsLost();
        }
    }

    static void leaseKept(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.LEASE_KEPT)) {
            Duration work = fixture.leaseLasts().plusSeconds(2);
            MessageHandler<byte[]> handler = (message, context) -> {
                trial.signals.comes("never", work); // the work
                return Outcome.accept();
            };
            trial.publishKeys("a", 1);
            var watched = trial.consumer(it -> it, ledger -> handler).start();
            var other = trial.consumer(it -> it, ledger -> trial.accepting(null));
            Ledger ledger = watched.ledger();
            ledger.await("1 started", trial.patience, () -> ledger.starts().size() == 1);
            long begun = System.nanoTime();
            var draining = trial.beginDrain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            ledger.await("stop confirmed", trial.patience, ledger::stopWasConfirmed);
            if (!fixture.leaseLasts().isZero()) {
                other.start();
            }
            DrainReport report = trial.drained(watched, draining, begun, trial.ample);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(1);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            trial.drain(other, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(other.ledger().offers())
                    .as("handed to another meanwhile")
                    .isEmpty();
            trial.nothingIsLost();
        }
    }
}
