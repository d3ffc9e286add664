package io.lastcall.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.MessageHandler;
import io.lastcall.Ordering;
import io.lastcall.Retry;
import io.lastcall.message.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Cases about messages that fail, are given back or given up by their handlers. Stateless. */
final class FailureCases {

    private static final Duration SHORTLY = Duration.ofMillis(1);

    private FailureCases() {}

    static void releaseByHandler(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.RELEASE_BY_HANDLER)) {
            Set<String> seen = ConcurrentHashMap.newKeySet();
            MessageHandler<byte[]> handler =
                    (message, context) -> seen.add(Ledger.body(message)) ? Outcome.release() : Outcome.accept();
            trial.publishKeys("a", 3);
            var watched =
                    trial.consumer(it -> it.concurrency(3), ledger -> handler).start();
            Ledger ledger = watched.ledger();
            ledger.await("3 accepted", trial.patience, () -> ledger.count(Entry::finishes) == 3);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(3);
            assertThat(ledger.starts()).hasSize(6);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            trial.nothingIsLost();
        }
    }

    static void poison(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.POISON)) {
            MessageHandler<byte[]> handler = (message, context) -> {
                if (Ledger.body(message).startsWith("poison")) {
                    throw new IllegalStateException("as this case wants it");
                }
                return Outcome.accept();
            };
            trial.publishOne("poison", "poison|0");
            trial.publishKeys("a", 5);
            var watched = trial.consumer(it -> it.concurrency(2).retry(Retry.fixed(3, SHORTLY)), ledger -> handler)
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("all settled", trial.patience, () -> ledger.count(Entry::finishes) == 6);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(report.counts().rejected()).as("%s", report.describe()).isEqualTo(1);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(5);
            assertThat(ledger.starts().stream().filter(it -> it.body().startsWith("poison")))
                    .hasSize(3);
            trial.nothingIsLost();
        }
    }

    static void retryKeepsOrder(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.RETRY_KEEPS_ORDER)) {
            int each = 5;
            Set<String> failed = ConcurrentHashMap.newKeySet();
            MessageHandler<byte[]> handler = (message, context) -> {
                if (failed.add(Ledger.body(message))) {
                    throw new IllegalStateException("the first attempt fails, as this case wants it");
                }
                return Outcome.accept();
            };
            trial.publish("k", each);
            var watched = trial.consumer(
                            it -> it.concurrency(4)
                                    .retry(Retry.fixed(3, Duration.ofMillis(20)))
                                    .ordering(Ordering.byKey(message -> Trial.keyOf(Ledger.body(message)))),
                            ledger -> handler)
                    .start();
            Ledger ledger = watched.ledger();
            ledger.await("all accepted", trial.patience, () -> ledger.count(Entry::finishes) >= each);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(each);
            List<String> expected = new ArrayList<>();
            ledger.offers().forEach(entry -> expected.addAll(List.of(entry.body, entry.body)));
            assertThat(ledger.starts().stream().map(Ledger.Start::body)).containsExactlyElementsOf(expected);
            trial.nothingIsLost();
        }
    }

    static void deadLetterFirst(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.DEAD_LETTER_FIRST)) {
            CompletableFuture<Void> written = new CompletableFuture<>();
            CompletableFuture<String> letter = new CompletableFuture<>();
            trial.publishKeys("a", 1);
            var watched = trial.consumer(
                            it -> it.deadLetters(dead -> {
                                letter.complete(Ledger.body(dead.message()));
                                return written;
                            }),
                            ledger -> (message, context) -> Outcome.reject("as this case wants it"))
                    .start();
            Ledger ledger = watched.ledger();
            assertThat(letter).succeedsWithin(trial.patience).isEqualTo("a0|0");
            assertThat(ledger.count(entry -> entry.outcome != null))
                    .as("settled before its letter was written: %s", ledger)
                    .isZero();
            written.complete(null);
            ledger.await("1 settled", trial.patience, () -> ledger.count(Entry::finishes) == 1);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(report.counts().rejected()).as("%s", report.describe()).isEqualTo(1);
            assertThat(report.dropped()).as("%s", report.describe()).isZero();
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            trial.nothingIsLost();
        }
    }

    static void deadLetterFails(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.DEAD_LETTER_FAILS)) {
            CompletableFuture<String> letter = new CompletableFuture<>();
            trial.publishKeys("a", 1);
            var watched = trial.consumer(
                            it -> it.deadLetters(dead -> {
                                letter.complete(Ledger.body(dead.message()));
                                return CompletableFuture.failedFuture(
                                        new IllegalStateException("no letters today, as this case wants it"));
                            }),
                            ledger -> (message, context) -> Outcome.reject("as this case wants it"))
                    .start();
            assertThat(letter).succeedsWithin(trial.patience);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, Duration.ofSeconds(4));
            assertThat(report.counts().rejected()).as("%s", report.describe()).isZero();
            trial.nothingIsLost();
        }
    }
}
