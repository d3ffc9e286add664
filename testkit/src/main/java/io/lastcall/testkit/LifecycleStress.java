package io.lastcall.testkit;

import io.lastcall.ConsumerSnapshot;
import io.lastcall.ConsumerState;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Hammers one consumer after another from several threads with whatever a lifecycle can be asked, in an order that a seed decides,
 * and checks that each ends closed, with a report that adds up and no thread left. What the threads ask is the same for the same
 * seed; how they interleave is not. Immutable.
 */
public final class LifecycleStress {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final DrainMode[] MODES = DrainMode.values();

    private final Function<String, MessageConsumer> consumers;
    private final int rounds;
    private final int threads;
    private final int asked;
    private final long seed;

    private LifecycleStress(
            Function<String, MessageConsumer> consumers, int rounds, int threads, int asked, long seed) {
        this.consumers = consumers;
        this.rounds = atLeastOne("rounds", rounds);
        this.threads = atLeastOne("threads", threads);
        this.asked = atLeastOne("asked", asked);
        this.seed = seed;
    }

    private static int atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " = " + value + ", must be at least 1");
        }
        return value;
    }

    /**
     * A hundred rounds of four threads that ask six things each, with seed 1.
     *
     * @param consumers makes a new consumer, not started, with the given name; its handlers should be short
     * @return the stress, to be run
     */
    public static LifecycleStress of(Function<String, MessageConsumer> consumers) {
        return new LifecycleStress(consumers, 100, 4, 6, 1);
    }

    /**
     * The same with so many rounds.
     *
     * @param number at least one
     * @return a new stress
     */
    public LifecycleStress rounds(int number) {
        return new LifecycleStress(consumers, number, threads, asked, seed);
    }

    /**
     * The same with so many threads.
     *
     * @param number at least one
     * @return a new stress
     */
    public LifecycleStress threads(int number) {
        return new LifecycleStress(consumers, rounds, number, asked, seed);
    }

    /**
     * The same with another seed.
     *
     * @param number decides what each thread asks in each round
     * @return a new stress
     */
    public LifecycleStress seed(long number) {
        return new LifecycleStress(consumers, rounds, threads, asked, number);
    }

    /**
     * Runs all rounds.
     *
     * @return the last report of each round, for checks of the caller's own
     * @throws AssertionError when a round ends in any other way than closed, adding up, and without threads; names seed and round
     * @throws InterruptedException when the calling thread is interrupted
     */
    public List<DrainReport> run() throws InterruptedException {
        List<DrainReport> reports = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            try {
                reports.add(round(round));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed = " + seed + ", round = " + round + ": " + e.getMessage(), e);
            }
        }
        return reports;
    }

    private DrainReport round(int round) throws InterruptedException {
        String name = "stress-" + seed + "-" + round + "-" + Long.toString(System.nanoTime(), 36);
        MessageConsumer consumer = consumers.apply(name);
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        CyclicBarrier together = new CyclicBarrier(threads);
        List<Thread> hammers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Random random = new Random(seed * 31 + round * 1_000L + i);
            Thread hammer = new Thread(
                    () -> {
                        try {
                            together.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
                            for (int step = 0; step < asked; step++) {
                                ask(consumer, random);
                            }
                        } catch (Throwable e) {
                            failure.compareAndSet(null, e);
                        }
                    },
                    "hammer-" + i + "-of-round-" + round);
            hammers.add(hammer);
            hammer.start();
        }
        List<String> hanging = LiveThreads.leftOf(hammers, PATIENCE);
        Throwable first = failure.get();
        if (first != null) {
            throw new AssertionError("a call failed that must not: " + first, first);
        }
        require(hanging.isEmpty(), "calls that have not returned within " + PATIENCE + ": " + hanging);
        return ended(consumer, name);
    }

    private static DrainReport ended(MessageConsumer consumer, String name) throws InterruptedException {
        DrainReport report = consumer.drain();
        ConsumerSnapshot snapshot = consumer.snapshot();
        String text = report.describe() + ", " + snapshot;
        require(consumer.state() == ConsumerState.CLOSED, "state = " + consumer.state() + " after the drain: " + text);
        require(report.equals(told(consumer)), "ended() does not tell the report of the drain: " + text);
        require(report.counts().received() == report.counts().ended(), "the report does not add up: " + text);
        require(
                report.problems().stream().noneMatch(problem -> problem.where().equals("account")),
                "the account has problems: " + text);
        require(
                snapshot.held() == 0
                        && snapshot.settling() == 0
                        && snapshot.counts().received() == snapshot.counts().ended(),
                "something is held after the drain: " + text);
        List<String> left =
                LiveThreads.leftOf(LiveThreads.named(thread -> thread.startsWith(name)), Duration.ofSeconds(10));
        require(left.isEmpty(), "threads after close: " + left + "; " + text);
        return report;
    }

    private static @Nullable DrainReport told(MessageConsumer consumer) throws InterruptedException {
        try {
            return consumer.ended().toCompletableFuture().get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("ended() did not complete well after the drain", e);
        }
    }

    /** One thing that may be asked at any time; only a start may be refused. */
    private static void ask(MessageConsumer consumer, Random random) {
        switch (random.nextInt(9)) {
            case 0, 1 -> start(consumer);
            case 2 -> consumer.beginStart();
            case 3 -> consumer.beginDrain(request(random));
            case 4 -> consumer.close();
            case 5 -> consumer.pause("stress");
            case 6 -> consumer.resume("stress");
            case 7 -> consumer.changeConcurrency(1 + random.nextInt(4));
            default -> {
                ConsumerSnapshot snapshot = consumer.snapshot();
                require(
                        snapshot.counts().received()
                                == snapshot.held()
                                        + snapshot.settling()
                                        + snapshot.counts().ended(),
                        "the snapshot does not add up: " + snapshot);
            }
        }
    }

    private static void start(MessageConsumer consumer) {
        try {
            consumer.start();
        } catch (IllegalStateException refused) {
            // It runs already, or was drained before it stood: both are what another thread asked for.
            require(refused.getMessage() != null, "a refused start says nothing");
        }
    }

    private static DrainRequest request(Random random) {
        // FINISH_ALL has no deadline and is left to the cases that can end it.
        DrainMode mode = MODES[1 + random.nextInt(MODES.length - 1)];
        Optional<Duration> within =
                random.nextBoolean() ? Optional.of(Duration.ofMillis(random.nextInt(200))) : Optional.empty();
        return new DrainRequest("stress", within, Optional.of(mode));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
