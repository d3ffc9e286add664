package io.lastcall.testkit.contract;

import io.lastcall.DrainMode;
import io.lastcall.MessageHandler;
import io.lastcall.Ordering;
import io.lastcall.Retry;
import io.lastcall.message.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** The case of random schedules. What is chosen follows a seed; when things happen is the broker's. Stateless. */
final class RandomCases {

    private static final List<DrainMode> MODES = List.of(
            DrainMode.FINISH_UNTIL_DEADLINE,
            DrainMode.FINISH_BY_PRIORITY,
            DrainMode.FINISH_STARTED,
            DrainMode.STOP_NOW);

    private RandomCases() {}

    static void schedules(BrokerFixture fixture) throws Exception {
        try (Trial trial = new Trial(fixture, Rule.RANDOM_SCHEDULES)) {
            for (int seed = 0; seed < fixture.randomSchedules(); seed++) {
                try {
                    schedule(trial, seed);
                } catch (AssertionError e) {
                    throw new AssertionError("schedule " + seed + ": " + e.getMessage(), e);
                }
            }
            trial.nothingIsLost();
        }
    }

    private static void schedule(Trial trial, int seed) throws Exception {
        Random random = new Random(seed);
        int messages = random.nextInt(6);
        int concurrency = 1 + random.nextInt(3);
        int limit = 1 + random.nextInt(8);
        boolean byKey = random.nextBoolean();
        int awaited = random.nextInt(messages + 1);
        DrainMode mode = MODES.get(random.nextInt(MODES.size()));
        AtomicInteger calls = new AtomicInteger(random.nextInt(100));
        MessageHandler<byte[]> handler = (message, context) -> outcome(trial, calls.getAndIncrement());
        for (int i = 0; i < messages; i++) {
            String key = "k" + random.nextInt(3);
            trial.publishOne(key, key + "|" + seed + "." + i);
        }
        var watched = trial.consumer(
                        it -> {
                            var sized = it.concurrency(concurrency)
                                    .limit(limit)
                                    .retry(Retry.fixed(2, Duration.ofMillis(5)));
                            return byKey
                                    ? sized.ordering(Ordering.byKey(message -> Trial.keyOf(Ledger.body(message))))
                                    : sized;
                        },
                        ledger -> handler)
                .start();
        Ledger ledger = watched.ledger();
        // What others were given back in earlier schedules may come too, or not yet: only what can be is waited for.
        ledger.comes(Duration.ofSeconds(2), () -> ledger.handled() >= awaited);
        trial.drain(watched, mode, Duration.ofSeconds(8));
    }

    private static Outcome outcome(Trial trial, int call) throws InterruptedException {
        return switch (call % 12) {
            case 0 -> Outcome.release();
            case 1 -> Outcome.reject("as this schedule wants it");
            case 2 -> Outcome.retry();
            case 3 -> throw new IllegalStateException("as this schedule wants it");
            case 4, 5 -> {
                trial.signals.comes("never", Duration.ofMillis(50)); // work
                yield Outcome.accept();
            }
            default -> Outcome.accept();
        };
    }
}
