package io.lastcall.benchmarks.chaos;

import io.lastcall.testkit.broker.BrokerFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;

/** Rounds one after the other on one broker. For one thread. */
final class Campaign implements AutoCloseable {

    private final PrintWriter people;
    private final Path folder;
    private final Subscription.Broker kind;
    private final ChaosBroker broker;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(daemons("chaos-clock"));
    private final ExecutorService threads = Executors.newCachedThreadPool(daemons("chaos-start"));

    /** Written by the one thread: whether any round was not well. */
    private boolean failed;

    private Campaign(PrintWriter people, Path folder, Subscription.Broker kind, ChaosBroker broker) {
        this.people = people;
        this.folder = folder;
        this.kind = kind;
        this.broker = broker;
    }

    /** Starts the broker and waits until it is ready. */
    static Campaign open(Subscription.Broker kind, PrintWriter people) {
        try {
            Path folder = BrokerFolder.fresh("chaos-");
            return new Campaign(
                    people,
                    folder,
                    kind,
                    switch (kind) {
                        case KAFKA -> new KafkaRounds();
                        case SQS -> new SqsRounds();
                        case RABBIT -> new RabbitRounds();
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Plays rounds and tells of each.
     *
     * @param seed of the first round; each further round has the next one
     */
    Figures play(int rounds, long seed, Optional<RoundKind> wanted) {
        Figures figures = Figures.NONE;
        for (int round = 1; round <= rounds; round++) {
            RoundPlan plan = RoundPlan.of(kind, seed + round - 1, wanted);
            long begin = System.nanoTime();
            Findings found = new Round(plan, broker, folder.resolve("seed-" + plan.seed()), clock, threads).play();
            figures = figures.plus(plan.kind(), found);
            tell(round, plan, found, Duration.ofNanos(System.nanoTime() - begin));
        }
        return figures;
    }

    private void tell(int round, RoundPlan plan, Findings found, Duration took) {
        List<String> faults = found.faults(plan.kind());
        people.printf(
                Locale.ROOT,
                "round %d seed %d %s: %s in %.1f s; repeated %d, overlaps across %d, out of order %d, drain over %d ms%n",
                round,
                plan.seed(),
                plan.describe(),
                faults.isEmpty() ? "well" : "FAILED",
                took.toMillis() / 1e3,
                found.repeated().size(),
                found.overlapsAcross().size(),
                found.outOfOrder().size(),
                found.drainOver().toMillis());
        if (!faults.isEmpty()) {
            failed = true;
            people.println("FAILED round " + round + " kind " + plan.kind().word() + " seed " + plan.seed() + ": "
                    + String.join("; ", faults) + "; again: " + plan.replay() + "; what the members printed: "
                    + folder.resolve("seed-" + plan.seed()));
        }
        people.flush();
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public void close() {
        clock.shutdownNow();
        broker.close();
        threads.shutdownNow();
        if (failed) {
            return; // somebody wants to read what the members printed
        }
        try {
            BrokerFolder.discard(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
