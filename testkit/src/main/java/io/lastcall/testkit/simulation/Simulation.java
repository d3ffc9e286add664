package io.lastcall.testkit.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Plays schedules of the real engine, each from its seed: the same seed gives the same history on every machine. Runs seeds side by
 * side on a few threads; each schedule is played by one. Stateless.
 */
public final class Simulation {

    private static final int CHUNK = 50;
    private static final int MOST_FAILURES = 100;

    /**
     * A seed whose history breaks an invariant.
     *
     * @param seed what replays it
     * @param violations what was broken, in order
     */
    public record Failure(long seed, List<Violation> violations) {
        @Override
        public String toString() {
            return "seed " + seed + ": " + violations;
        }
    }

    /**
     * What came of a number of schedules.
     *
     * @param schedules how many were played
     * @param took how long that took
     * @param failures seeds that broke an invariant, in ascending order, not more than a hundred
     * @param coverage what was seen on the way
     */
    public record Result(long schedules, Duration took, List<Failure> failures, Coverage coverage) {}

    private Simulation() {}

    /**
     * Plays the seeds from {@code first} on.
     *
     * @param first the first seed
     * @param schedules how many
     * @param threads on how many threads
     * @return what came of them
     * @throws InterruptedException when the calling thread is interrupted while it waits
     */
    public static Result run(long first, long schedules, int threads) throws InterruptedException {
        return new Round(Planting::new, first, schedules, false).play(threads);
    }

    /**
     * Plays one seed and tells its history.
     *
     * @param seed the seed
     * @return the history line by line, then what it breaks, if anything
     */
    public static String describe(long seed) {
        History history = Script.play(seed, Planting::new, new Coverage());
        StringBuilder text = new StringBuilder(history.toString());
        Checker.check(history.events())
                .forEach(violation -> text.append(violation).append('\n'));
        return text.toString();
    }

    /**
     * Plays one seed.
     *
     * @param seed the seed
     * @return what its history breaks, in order
     */
    public static List<Violation> replay(long seed) {
        return violations(seed, Planting::new, new Coverage());
    }

    /**
     * Seeds that once failed, kept so that they are played first in every build.
     *
     * @return the seeds
     */
    public static List<Long> corpus() {
        try (InputStream in = Simulation.class.getResourceAsStream("corpus.txt")) {
            if (in == null) {
                throw new IllegalStateException("corpus.txt is missing beside " + Simulation.class);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.replaceFirst("#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .map(Long::valueOf)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Violation> violations(long seed, Script.Planter planter, Coverage coverage) {
        try {
            return Checker.check(Script.play(seed, planter, coverage).events());
        } catch (RuntimeException | Error e) {
            return List.of(new Violation("simulation", "it broke itself: " + e, 0));
        }
    }

    /** Some seeds played on some threads. */
    static final class Round {
        private final Script.Planter planter;
        private final long first;
        private final long end;
        private final boolean once;
        private final AtomicLong next;
        private final ConcurrentLinkedQueue<Failure> failures = new ConcurrentLinkedQueue<>();
        /** Guarded by itself. */
        private final Coverage coverage = new Coverage();
        /** What was found is enough. */
        private volatile boolean enough;

        Round(Script.Planter planter, long first, long schedules, boolean once) {
            this.planter = planter;
            this.first = first;
            this.end = first + schedules;
            this.once = once;
            this.next = new AtomicLong(first);
        }

        Result play(int threads) throws InterruptedException {
            long begun = System.nanoTime();
            List<Thread> players = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Thread player = new Thread(this::playSome, "simulation-" + i);
                player.setDaemon(true);
                player.start();
                players.add(player);
            }
            for (Thread player : players) {
                player.join();
            }
            List<Failure> found = new ArrayList<>(failures);
            found.sort(Comparator.comparingLong(Failure::seed));
            long played = Math.min(next.get(), end) - first;
            return new Result(played, Duration.ofNanos(System.nanoTime() - begun), List.copyOf(found), coverage);
        }

        private void playSome() {
            Coverage mine = new Coverage();
            for (long from = next.getAndAdd(CHUNK); from < end && !enough; from = next.getAndAdd(CHUNK)) {
                for (long seed = from; seed < Math.min(from + CHUNK, end) && !enough; seed++) {
                    play(seed, mine);
                }
            }
            synchronized (coverage) {
                coverage.add(mine);
            }
        }

        private void play(long seed, Coverage mine) {
            List<Violation> violations = violations(seed, planter, mine);
            if (!violations.isEmpty()) {
                failures.add(new Failure(seed, List.copyOf(violations)));
                enough = once || failures.size() >= MOST_FAILURES;
            }
        }
    }
}
