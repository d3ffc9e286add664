package io.lastcall.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.Counts;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.MessageHandler;
import io.lastcall.message.Outcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Cases about who asks for a drain, when and how often. Stateless. */
final class RequestCases {

    private RequestCases() {}

    static void idle(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.IDLE_DRAIN)) {
            var watched =
                    trial.consumer(it -> it, ledger -> trial.accepting(null)).start();
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            assertThat(report.counts()).isEqualTo(Counts.NONE);
            trial.nothingIsLost();
        }
    }

    static void backlogLeft(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.BACKLOG_LEFT)) {
            trial.publishKeys("a", 40);
            var watched = trial.consumer(it -> it.concurrency(1).limit(4), ledger -> trial.accepting("go"))
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("1 started", trial.patience, () -> ledger.starts().size() == 1);
            long begun = System.nanoTime();
            var draining = trial.beginDrain(watched, DrainMode.FINISH_STARTED, trial.ample);
            ledger.await("stop confirmed", trial.patience, ledger::stopWasConfirmed);
            trial.signals.fire("go");
            DrainReport report = trial.drained(watched, draining, begun, trial.ample);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(1);
            assertThat(ledger.starts()).hasSize(1);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            trial.nothingIsLost();
        }
    }

    static void resumeGoesOn(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.RESUME_GOES_ON)) {
            trial.publishKeys("a", 2);
            var watched = trial.consumer(it -> it.concurrency(2), ledger -> trial.accepting(null))
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("2 handled", trial.patience, () -> ledger.handled() == 2);
            watched.consumer().pause("one");
            watched.consumer().pause("other");
            trial.publishKeys("b", 3);
            watched.consumer().resume("one");
            assertThat(watched.consumer().snapshot().paused()).containsExactly("other");
            watched.consumer().resume("other");
            ledger.await("5 handled", trial.patience, () -> ledger.handled() == 5);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            assertThat(report.counts().accepted()).isEqualTo(5);
            trial.nothingIsLost();
        }
    }

    static void drainWhilePaused(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.DRAIN_WHILE_PAUSED)) {
            trial.publishKeys("a", 2);
            var watched = trial.consumer(it -> it.concurrency(2), ledger -> trial.accepting(null))
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("2 handled", trial.patience, () -> ledger.handled() == 2);
            watched.consumer().pause("operator");
            trial.publishKeys("b", 3);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            trial.nothingIsLost();
        }
    }

    static void secondDrainJoins(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.SECOND_DRAIN_JOINS)) {
            trial.publishKeys("a", 1);
            var watched =
                    trial.consumer(it -> it, ledger -> trial.accepting("go")).start();
            Ledger ledger = watched.ledger();
            ledger.await("1 started", trial.patience, () -> ledger.starts().size() == 1);
            long begun = System.nanoTime();
            var first = trial.beginDrain(watched, DrainMode.FINISH_STARTED, trial.ample);
            var second = trial.beginDrain(watched, DrainMode.FINISH_STARTED, trial.ample);
            trial.signals.fire("go");
            DrainReport report = trial.drained(watched, first, begun, trial.ample);
            assertThat(second.toCompletableFuture().get(trial.patience.toNanos(), TimeUnit.NANOSECONDS))
                    .isEqualTo(report);
            assertThat(watched.consumer().drain()).as("a drain after the end").isEqualTo(report);
            assertThat(report.counts().accepted()).isEqualTo(1);
            trial.nothingIsLost();
        }
    }

    static void earlierDeadlineWins(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.EARLIER_DEADLINE_WINS)) {
            MessageHandler<byte[]> stuck = (message, context) -> {
                trial.signals.awaitStubbornly(Trial.RELEASE_ALL);
                return Outcome.accept();
            };
            trial.publishKeys("a", 1);
            var watched = trial.consumer(it -> it, ledger -> stuck).start();
            Ledger ledger = watched.ledger();
            ledger.await("1 started", trial.patience, () -> ledger.starts().size() == 1);
            var unused = trial.beginDrain(watched, DrainMode.FINISH_STARTED, trial.ample);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_STARTED, Duration.ofSeconds(3));
            assertThat(report.counts().abandoned()).as("%s", report.describe()).isEqualTo(1);
            trial.nothingIsLost();
        }
    }

    static void harderModeWins(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.HARDER_MODE_WINS)) {
            int messages = 4;
            trial.publishKeys("a", messages);
            var watched = trial.consumer(it -> it.concurrency(1).limit(messages), ledger -> trial.accepting("never"))
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await(
                    "all held",
                    trial.patience,
                    () -> ledger.taken() == messages && ledger.starts().size() == 1);
            var unused = trial.beginDrain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            DrainReport report = trial.drain(watched, DrainMode.STOP_NOW, Duration.ofSeconds(5));
            assertThat(report.mode()).isEqualTo(DrainMode.STOP_NOW);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isZero();
            assertThat(ledger.starts()).hasSize(1);
            trial.nothingIsLost();
        }
    }

    static void drainFromHandler(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.DRAIN_FROM_HANDLER)) {
            AtomicReference<@Nullable MessageConsumer> self = new AtomicReference<>();
            CompletableFuture<Throwable> refused = new CompletableFuture<>();
            MessageHandler<byte[]> handler = (message, context) -> {
                MessageConsumer consumer = self.get();
                if (consumer == null) {
                    return Outcome.release();
                }
                try {
                    consumer.drain();
                } catch (IllegalStateException e) {
                    refused.complete(e);
                }
                consumer.beginDrain(DrainRequest.because("the handler has seen enough"));
                return Outcome.accept();
            };
            trial.publishKeys("a", 1);
            var watched = trial.consumer(it -> it, ledger -> handler);
            self.set(watched.consumer());
            watched.start();
            DrainReport report =
                    watched.consumer().ended().toCompletableFuture().get(trial.ample.toNanos(), TimeUnit.NANOSECONDS);
            assertThat(refused).isCompleted();
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            assertThat(report.reason()).contains("the handler has seen enough");
            assertThat(report.counts().accepted()).isEqualTo(1);
            trial.nothingIsLost();
        }
    }
}
