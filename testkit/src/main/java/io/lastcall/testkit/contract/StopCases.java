package io.lastcall.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Cases about the first phase: receiving stops. Stateless. */
final class StopCases {

    private StopCases() {}

    static void confirmed(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.STOP_CONFIRMED)) {
            trial.publishKeys("a", 5);
            var watched = trial.consumer(it -> it.concurrency(2), ledger -> trial.accepting(null))
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("5 handled", trial.patience, () -> ledger.handled() == 5);

            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);

            assertThat(report.stopConfirmed()).as("%s", report.describe()).isTrue();
            assertThat(report.closed()).as("%s", report.describe()).isTrue();
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            assertThat(report.counts().accepted()).isEqualTo(5);
            assertThat(ledger.stopWasConfirmed()).isTrue();
            trial.nothingIsLost();
        }
    }

    static void nothingAfter(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.NOTHING_AFTER_THE_STOP)) {
            trial.publishKeys("a", 1);
            var watched = trial.consumer(it -> it.concurrency(4).limit(16), ledger -> trial.accepting("go"))
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("1 started", trial.patience, () -> ledger.starts().size() == 1);

            Duration within = trial.ample;
            long begun = System.nanoTime();
            var draining = trial.beginDrain(watched, DrainMode.FINISH_UNTIL_DEADLINE, within);
            ledger.await("stop confirmed", trial.patience, ledger::stopWasConfirmed);
            int offered = ledger.offers().size();
            trial.publishKeys("b", 5);
            boolean came = ledger.comes(
                    Trial.NOTICE,
                    () -> ledger.offers().size() > offered || !ledger.breaches().isEmpty());
            trial.signals.fire("go");
            DrainReport report = trial.drained(watched, draining, begun, within);

            assertThat(came)
                    .as("something was offered after the stop was confirmed: %s", ledger)
                    .isFalse();
            assertThat(report.counts().received()).isEqualTo(1);
            assertThat(report.counts().accepted()).isEqualTo(1);
            assertThat(report.refusedOffers()).isZero();
            trial.nothingIsLost();
        }
    }

    static void wireCounted(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.WIRE_COUNTED)) {
            var watched = trial.consumer(it -> it.concurrency(4).limit(16), ledger -> trial.accepting(null));
            Ledger ledger = watched.ledger();
            ledger.holdOffers();
            watched.start();
            // A source that pushes from within publish would hold the publisher too.
            CompletableFuture<Void> publishing = CompletableFuture.runAsync(
                    () -> {
                        try {
                            trial.publishKeys("a", 6);
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    task -> new Thread(task, "contract-publisher").start());
            ledger.await("an offer on its way", trial.patience, ledger::offersAreHeld);

            Duration within = trial.ample;
            long begun = System.nanoTime();
            var draining = trial.beginDrain(watched, DrainMode.FINISH_UNTIL_DEADLINE, within);
            ledger.await("stop asked", trial.patience, ledger::stopWasAsked);
            boolean early = ledger.comes(Trial.NOTICE, ledger::stopWasConfirmed);
            ledger.letOffersGo();
            publishing.get(trial.patience.toNanos(), TimeUnit.NANOSECONDS);
            DrainReport report = trial.drained(watched, draining, begun, within);

            assertThat(early)
                    .as("the stop was confirmed before what was on its way: %s", ledger)
                    .isFalse();
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            assertThat(report.counts().received()).as("%s", report.describe()).isPositive();
            assertThat(report.counts().accepted())
                    .as("%s", report.describe())
                    .isEqualTo(report.counts().received());
            trial.nothingIsLost();
        }
    }
}
