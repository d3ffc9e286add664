package io.lastcall.internal.time;

import io.lastcall.Workers;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one run of a consumer lives on: its clock, timers, threads and dice. The engine takes these from nowhere else. Safe for any
 * thread.
 */
public interface Host {

    /** Makes the host of one run. */
    @FunctionalInterface
    interface Opener {
        Host open(String consumer, Workers workers);

        /** What consumers live on that this thread builds now: the JVM's clock and threads, unless a test says otherwise. */
        static Opener current() {
            Opener chosen = Chosen.OPENER.get();
            return chosen == null ? SystemHost::open : chosen;
        }

        /** Builds on this opener. */
        default <T> T during(Supplier<T> building) {
            Opener before = Chosen.OPENER.get();
            Chosen.OPENER.set(this);
            try {
                return building.get();
            } finally {
                Chosen.OPENER.set(before);
            }
        }
    }

    /** Of the thread that builds. */
    final class Chosen {
        private static final ThreadLocal<@Nullable Opener> OPENER = new ThreadLocal<>();

        private Chosen() {}
    }

    /** A timer that has not fired yet. */
    interface Timer {
        void cancel();
    }

    /** The monotonic clock; comparable only by difference. */
    long nanoTime();

    /** From 0 (included) to 1 (excluded). */
    double random();

    /** How many threads the machine runs at once. */
    int processors();

    /** Runs the task on the timer thread when the clock has come to {@code at}. The task is short and calls no foreign code. */
    Timer schedule(long at, Runnable task);

    /** Runs the task on the one control thread, after those given before. Tasks do not block and call no foreign code. */
    void control(Runnable task);

    /** Runs the task on the one thread for listeners, after those given before. */
    void tell(Runnable task);

    /** Runs the task on a worker thread; how many may be at work is the caller's business. */
    void work(Runnable task);

    /** Runs the task on a thread of its own, where hanging costs nothing. */
    void detach(String what, Runnable task);

    /** Whether the JVM is shutting down, so that a handler inside of System.exit waits for us. */
    boolean isExiting();

    /** Makes threads for the source, named after {@code role}. */
    ThreadFactory threads(String role);

    /** Waits until the stage has completed, well or not, or the time is over. */
    boolean await(CompletionStage<?> stage, long nanos) throws InterruptedException;

    /** Ends timer, control and listener threads when what was given to them has run. Workers end when they are idle. */
    void close();
}
