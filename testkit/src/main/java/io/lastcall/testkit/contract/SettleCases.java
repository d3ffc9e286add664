package io.lastcall.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.MessageHandler;
import io.lastcall.Retry;
import io.lastcall.message.Outcome;
import java.time.Duration;

/** Cases about what the broker is told, and what is said when it cannot be told. Stateless. */
final class SettleCases {

    private SettleCases() {}

    static void once(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.SETTLE_ONCE)) {
            int messages = 30;
            MessageHandler<byte[]> handler = (message, context) -> {
                int number = Integer.parseInt(Trial.keyOf(Ledger.body(message)).substring(1));
                if (number % 7 == 0 && context.attempt() == 1) {
                    throw new IllegalStateException("the first attempt fails, as this case wants it");
                }
                return number % 5 == 0 ? Outcome.reject("as this case wants it") : Outcome.accept();
            };
            trial.publishKeys("a", messages);
            var watched = trial.consumer(
                            it -> it.concurrency(4).limit(messages).retry(Retry.fixed(3, Duration.ofMillis(1))),
                            ledger -> handler)
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("all settled", trial.patience, () -> ledger.count(entry -> entry.outcome != null) == messages);

            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);

            assertThat(report.counts().rejected()).as("%s", report.describe()).isEqualTo(6);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(messages - 6);
            assertThat(report.retriesInProcess()).as("%s", report.describe()).isEqualTo(5);
            assertThat(ledger.starts()).hasSize(messages + 5);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            trial.nothingIsLost();
        }
    }

    static void failureReported(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.SETTLE_FAILURE_REPORTED)) {
            int messages = 4;
            trial.publishKeys("a", messages);
            var watched = trial.consumer(
                            it -> it.concurrency(messages).limit(messages), ledger -> trial.accepting("go"))
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("all started", trial.patience, () -> ledger.starts().size() == messages);

            trial.cut();
            trial.signals.fire("go");
            ledger.await("all handled", trial.patience, () -> ledger.handled() == messages);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, Duration.ofSeconds(4));

            assertThat(report.counts().accepted()).as("%s", report.describe()).isZero();
            assertThat(report.counts().unconfirmed() + report.counts().revoked())
                    .as("%s", report.describe())
                    .isEqualTo(messages);
            fixture.mend();
            trial.nothingIsLost();
        }
    }

    static void brokerGone(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.BROKER_GONE_DURING_DRAIN)) {
            int messages = 8;
            trial.publishKeys("a", messages);
            var watched = trial.consumer(it -> it.concurrency(2).limit(messages), ledger -> trial.accepting("go"))
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await(
                    "all held, two started",
                    trial.patience,
                    () -> ledger.taken() == messages && ledger.starts().size() == 2);

            // Longer than it takes to kill a broker, which happens within this time.
            Duration within = Duration.ofSeconds(12);
            long begun = System.nanoTime();
            var draining = trial.beginDrain(watched, DrainMode.FINISH_UNTIL_DEADLINE, within);
            ledger.await("stop asked", trial.patience, ledger::stopWasAsked);
            trial.cut();
            trial.signals.fire("go");
            DrainReport report = trial.drained(watched, draining, begun, within);

            assertThat(report.counts().received()).as("%s", report.describe()).isEqualTo(messages);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isZero();
            assertThat(report.counts().unconfirmed() + report.counts().revoked())
                    .as("the two at work ended after the broker had gone: %s", report.describe())
                    .isGreaterThanOrEqualTo(2);
            fixture.mend();
            trial.nothingIsLost();
        }
    }
}
