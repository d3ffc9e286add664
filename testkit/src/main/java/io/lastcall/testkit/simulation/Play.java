package io.lastcall.testkit.simulation;

import io.lastcall.ConsumerListener;
import io.lastcall.DrainSettings;
import io.lastcall.HandlingContext;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.Problem;
import io.lastcall.Retry;
import io.lastcall.Workers;
import io.lastcall.internal.account.Execution;
import io.lastcall.internal.account.Fate;
import io.lastcall.internal.account.Probe;
import io.lastcall.internal.consumer.Assembly;
import io.lastcall.internal.consumer.Handling;
import io.lastcall.internal.consumer.Plan;
import io.lastcall.internal.consumer.RestartableConsumer;
import io.lastcall.internal.dispatch.Floor;
import io.lastcall.internal.time.Host;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import io.lastcall.spi.SourceFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One schedule of the real engine and a real adapter, over a client that the adapter's author simulates: all threads take turns as the
 * seed says, time is virtual, and the same seed gives the same play. The adapter must wait through its {@link io.lastcall.spi.Intake}
 * alone (S10), the simulated client through {@link #await}. What breaks a rule is noted by {@link #violated}. Not thread-safe: for the
 * thread that plays, and for the threads of the play while it is their turn.
 */
public final class Play {

    private static final int MOST_STEPS = 200_000;
    private static final int MOST_VIOLATIONS = 20;

    private final Dice dice;
    private final Scheduler scheduler;
    private final List<Floor<?>> floors = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();

    /**
     * What a consumer is made from.
     *
     * @param concurrency how many handlers at once
     * @param limit the most deliveries held
     * @param ordering the order
     * @param drain its drain
     * @param retry its retries
     */
    public record Settings(int concurrency, int limit, Ordering ordering, DrainSettings drain, Retry retry) {}

    /**
     * A new play.
     *
     * @param seed decides all of it
     */
    public Play(long seed) {
        dice = new Dice(seed);
        scheduler = new Scheduler(dice, error -> violated("it broke: " + trace(error)), this::isLocked);
    }

    private static String trace(Throwable error) {
        StringBuilder text = new StringBuilder(error.toString());
        StackTraceElement[] stack = error.getStackTrace();
        for (int i = 0; i < Math.min(12, stack.length); i++) {
            text.append("\n    at ").append(stack[i]);
        }
        return text.toString();
    }

    private boolean isLocked() {
        for (Floor<?> floor : floors) {
            if (floor.isEntered()) {
                return true;
            }
        }
        return false;
    }

    // ---- chance ----

    /**
     * A number.
     *
     * @param bound above it
     * @return from 0 to below the bound
     */
    public int below(int bound) {
        return dice.below(bound);
    }

    /**
     * A number.
     *
     * @param least included
     * @param most included
     * @return one of them
     */
    public int between(int least, int most) {
        return dice.between(least, most);
    }

    /**
     * A chance.
     *
     * @param n how rare
     * @return true once in n times
     */
    public boolean oneIn(int n) {
        return dice.oneIn(n);
    }

    /**
     * A chance.
     *
     * @param chance from 0 to 100
     * @return true so often
     */
    public boolean percent(int chance) {
        return chance > 0 && dice.percent(chance);
    }

    /**
     * A time of any magnitude.
     *
     * @param least about the shortest, positive
     * @param most about the longest
     * @return each magnitude equally often
     */
    public long magnitude(long least, long most) {
        return dice.magnitude(least, most);
    }

    // ---- time and turns ----

    /**
     * The virtual clock.
     *
     * @return nanoseconds since the play began
     */
    public long elapsed() {
        return scheduler.elapsed();
    }

    /**
     * Runs something later, on a thread of the application or the broker.
     *
     * @param nanos from now
     * @param task does not block
     */
    public void after(long nanos, Runnable task) {
        scheduler.after(nanos, task);
    }

    /** By chance lets other threads act now. */
    public void interleave() {
        scheduler.interleave();
    }

    /**
     * Blocks the calling thread of the play, which was made by {@link io.lastcall.spi.Intake#threads} or runs a call of the source.
     *
     * @param stage until it has completed
     * @param nanos or this is over
     * @return whether it has completed
     */
    public boolean await(CompletionStage<?> stage, long nanos) {
        return scheduler.await(stage, nanos);
    }

    // ---- the consumer ----

    /**
     * A consumer of the real engine.
     *
     * @param source opens the adapter
     * @param settings as a user would set them
     * @param handler begins handling; its stage is completed by {@link #after}
     * @param <R> the receipt
     * @return the consumer, not started
     */
    public <R> MessageConsumer consumer(
            SourceFactory<R> source,
            Settings settings,
            BiFunction<Message<byte[]>, HandlingContext, CompletionStage<Outcome>> handler) {
        Assembly<R> assembly = new Assembly<>() {
            @Override
            protected Floor<R> floor(Host host, Plan<R> plan) {
                Floor<R> floor = super.floor(host, plan);
                floors.add(floor);
                return floor;
            }

            @Override
            protected @Nullable Probe probe() {
                return new Turns();
            }
        };
        Plan<R> plan = new Plan<>(
                "played",
                source,
                settings.concurrency(),
                settings.limit(),
                settings.ordering(),
                null,
                settings.drain(),
                settings.retry(),
                Optional.empty(),
                true,
                Workers.BEST,
                List.of(new Listener()),
                (Handling.Asynchronous) handler::apply);
        return new RestartableConsumer<>(plan, (name, kind) -> new FiberHost(scheduler), assembly);
    }

    private final class Turns implements Probe {
        @Override
        public void moved(Execution from, Execution to) {
            // Between this move and the handler's first line nothing can be told from outside.
            if (to != Execution.RUNNING) {
                scheduler.interleave();
            }
        }

        @Override
        public void moved(Fate from, Fate to) {}
    }

    private final class Listener implements ConsumerListener {
        @Override
        public void problem(String name, Problem problem) {
            if (problem.where().equals("account") || problem.where().equals("drain")) {
                violated("the engine says: " + problem);
            }
        }
    }

    // ---- the play ----

    /**
     * Notes what must not have happened.
     *
     * @param what in words
     */
    public void violated(String what) {
        if (violations.size() < MOST_VIOLATIONS) {
            violations.add("at " + scheduler.elapsed() / 1_000 + " us: " + what);
        }
    }

    /**
     * Plays.
     *
     * @param over when to end
     * @param most the longest it may go on, in virtual time
     * @return what was violated, in order
     */
    public List<String> run(BooleanSupplier over, Duration most) {
        try {
            while (!over.getAsBoolean()) {
                if (scheduler.steps() >= MOST_STEPS || scheduler.elapsed() > most.toNanos()) {
                    violated("it does not end: steps=" + scheduler.steps());
                    break;
                }
                if (!scheduler.step(Long.MAX_VALUE)) {
                    violated("nothing goes on any more");
                    break;
                }
            }
        } finally {
            scheduler.endFibers();
        }
        return List.copyOf(violations);
    }
}
