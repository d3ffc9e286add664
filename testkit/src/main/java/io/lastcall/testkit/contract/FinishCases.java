package io.lastcall.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.MessageHandler;
import io.lastcall.Straggler;
import io.lastcall.message.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Cases about the second phase: what is held is finished, given back or abandoned. Stateless. */
final class FinishCases {

    private FinishCases() {}

    static void releaseOfUnstarted(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.RELEASE_OF_UNSTARTED)) {
            int messages = 8;
            trial.publishKeys("a", messages);
            var watched = trial.consumer(it -> it.concurrency(1).limit(messages), ledger -> trial.accepting("go"))
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await(
                    "all held, one started",
                    trial.patience,
                    () -> ledger.taken() == messages && ledger.starts().size() == 1);

            Duration within = trial.ample;
            long begun = System.nanoTime();
            var draining = trial.beginDrain(watched, DrainMode.FINISH_STARTED, within);
            ledger.await(
                    "the others given back while one is at work",
                    trial.patience,
                    () -> ledger.count(entry -> entry.outcome instanceof Outcome.Release) == messages - 1);
            trial.signals.fire("go");
            DrainReport report = trial.drained(watched, draining, begun, within);

            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(1);
            assertThat(report.counts().released()).as("%s", report.describe()).isEqualTo(messages - 1);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            assertThat(ledger.starts()).hasSize(1);
            handOutAgain(trial, ledger, messages - 1);
            trial.nothingIsLost();
        }
    }

    /** The next consumer of the same subscription gets exactly those that were given back. */
    private static void handOutAgain(Trial trial, Ledger first, int expected) throws Exception {
        var next = trial.consumer(it -> it.concurrency(4), ledger -> trial.accepting(null))
                .start();
        Ledger ledger = next.ledger();
        Duration patience = trial.patience.compareTo(trial.fixture.comesBackWithin()) < 0
                ? trial.fixture.comesBackWithin()
                : trial.patience;
        ledger.await("handed out again", patience, () -> ledger.handled() >= expected);
        trial.drain(next, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
        Set<String> started = bodies(first.starts());
        assertThat(bodies(ledger.starts())).hasSize(expected).doesNotContainAnyElementsOf(started);
        if (trial.fixture.freeRelease()) {
            assertThat(ledger.starts())
                    .as("a release that is free counts no attempt")
                    .allMatch(start -> start.attempt() == 1);
        }
    }

    static void finishOfStarted(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.FINISH_OF_STARTED)) {
            int messages = 3;
            AtomicInteger disturbed = new AtomicInteger();
            MessageHandler<byte[]> handler = (message, context) -> {
                trial.signals.await("go", trial.ample);
                if (context.stopping() || Thread.currentThread().isInterrupted()) {
                    disturbed.incrementAndGet();
                }
                return Outcome.accept();
            };
            trial.publishKeys("a", messages);
            var watched = trial.consumer(it -> it.concurrency(messages).limit(messages), ledger -> handler)
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("all started", trial.patience, () -> ledger.starts().size() == messages);

            Duration within = trial.ample;
            long begun = System.nanoTime();
            var draining = trial.beginDrain(watched, DrainMode.FINISH_STARTED, within);
            ledger.await("stop confirmed", trial.patience, ledger::stopWasConfirmed);
            boolean early = ledger.comes(
                    Trial.NOTICE, () -> draining.toCompletableFuture().isDone());
            trial.signals.fire("go");
            DrainReport report = trial.drained(watched, draining, begun, within);

            assertThat(early)
                    .as("the drain returned while handlers were at work")
                    .isFalse();
            assertThat(disturbed)
                    .as("handlers told to end though there was time")
                    .hasValue(0);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(messages);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            trial.nothingIsLost();
        }
    }

    static void deadlineWithStuckHandler(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.DEADLINE_WITH_STUCK_HANDLER)) {
            MessageHandler<byte[]> handler = (message, context) -> {
                if (Ledger.body(message).startsWith("stuck")) {
                    trial.signals.awaitStubbornly(Trial.RELEASE_ALL);
                }
                return Outcome.accept();
            };
            trial.publishOne("stuck", "stuck|0");
            trial.publishKeys("a", 4);
            var watched = trial.consumer(it -> it.concurrency(2).limit(8), ledger -> handler)
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await(
                    "4 handled, 1 stuck",
                    trial.patience,
                    () -> ledger.handled() == 4 && ledger.starts().size() == 5);
            Ledger.Start stuck = ledger.starts().stream()
                    .filter(start -> start.body().equals("stuck|0"))
                    .findFirst()
                    .orElseThrow();

            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, Duration.ofSeconds(4));

            assertThat(report.clean()).as("%s", report.describe()).isFalse();
            assertThat(report.counts().abandoned()).as("%s", report.describe()).isEqualTo(1);
            assertThat(report.stragglers()).as("%s", report.describe()).hasSize(1);
            Straggler straggler = report.stragglers().get(0);
            assertThat(straggler.messageId()).isEqualTo(stuck.messageId());
            assertThat(straggler.thread()).hasValue(stuck.thread());
            assertThat(straggler.ranFor()).isPositive();
            assertThat(straggler.stack())
                    .as("where the handler stands")
                    .anyMatch(frame -> frame.getClassName().startsWith(FinishCases.class.getName()));
            trial.nothingIsLost();
        }
    }

    private static Set<String> bodies(List<Ledger.Start> starts) {
        return starts.stream().map(Ledger.Start::body).collect(Collectors.toCollection(TreeSet::new));
    }
}
