package io.lastcall.testkit;

import io.lastcall.internal.time.Host;
import io.lastcall.internal.time.SystemHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/**
 * A clock that a test moves: back-offs, leases and the deadlines of drains come when {@link #advance} says so, and no earlier.
 * Handlers and sources run on real threads, so that a test still waits for them by events, such as {@link Signals}. Safe for any
 * thread.
 *
 * <p>What a source or a handler waits for by itself is not moved: neither a broker's long poll nor a wait of the handler's own.
 */
public final class ManualTime {

    private record Due(long at, long turn, Runnable task, CompletableFuture<?> ran, ManualHost host) {}

    /** Guarded by itself, as are all fields. */
    private final PriorityQueue<Due> timers =
            new PriorityQueue<>(Comparator.<Due>comparingLong(it -> it.at).thenComparingLong(it -> it.turn));

    private long now;
    private long turns;

    /** A clock that stands at its beginning. */
    public ManualTime() {}

    /**
     * Builds consumers and runtimes that live on this clock.
     *
     * @param building calls {@code handle} or {@code build} on the current thread
     * @param <T> what is built
     * @return what was built
     */
    public <T> T build(Supplier<T> building) {
        Host.Opener opener = (name, workers) -> new ManualHost(SystemHost.open(name, workers));
        return opener.during(building);
    }

    /**
     * Moves the clock on, from timer to timer, and waits until each that was due has run. What it set off may still be under way.
     *
     * @param by more than zero
     */
    public void advance(Duration by) {
        if (by.isNegative() || by.isZero()) {
            throw new IllegalArgumentException("by = " + by + ", must be more than zero");
        }
        long until;
        synchronized (timers) {
            until = now + by.toNanos();
        }
        for (List<Due> due = next(until); !due.isEmpty(); due = next(until)) {
            for (Due one : due) {
                one.host.runNow(one);
            }
        }
    }

    /** The timers that are due next, and the clock moved to them; none when it has come to the end. */
    private List<Due> next(long until) {
        synchronized (timers) {
            Due first = timers.peek();
            now = first == null || first.at > until ? until : Math.max(now, first.at);
            List<Due> due = new ArrayList<>();
            while (first != null && first.at <= now && first.at <= until) {
                due.add(timers.remove());
                first = timers.peek();
            }
            timers.notifyAll();
            return due;
        }
    }

    /** Real threads, and this clock. */
    private final class ManualHost implements Host {

        private final Host real;
        private final CompletableFuture<?> closed = new CompletableFuture<>();

        ManualHost(Host real) {
            this.real = real;
        }

        /** On the timer thread, where the engine expects it. Nothing runs any more on one that is closed. */
        void runNow(Due due) {
            real.schedule(real.nanoTime(), () -> {
                try {
                    due.task.run();
                } finally {
                    due.ran.complete(null);
                }
            });
            CompletableFuture.anyOf(due.ran, closed).join();
        }

        @Override
        public long nanoTime() {
            synchronized (timers) {
                return now;
            }
        }

        @Override
        public Timer schedule(long at, Runnable task) {
            synchronized (timers) {
                if (at > now) {
                    Due due = new Due(at, turns++, task, new CompletableFuture<>(), this);
                    timers.add(due);
                    return () -> {
                        synchronized (timers) {
                            timers.remove(due);
                        }
                    };
                }
            }
            return real.schedule(real.nanoTime(), task);
        }

        @Override
        public boolean await(CompletionStage<?> stage, long nanos) throws InterruptedException {
            if (nanos == Long.MAX_VALUE) {
                return real.await(stage, nanos);
            }
            CompletableFuture<?> done = stage.toCompletableFuture();
            var unused = done.whenComplete((value, error) -> {
                synchronized (timers) {
                    timers.notifyAll();
                }
            });
            synchronized (timers) {
                long until = now + nanos;
                while (!done.isDone() && now < until) {
                    timers.wait();
                }
                return done.isDone();
            }
        }

        @Override
        public double random() {
            return real.random();
        }

        @Override
        public int processors() {
            return real.processors();
        }

        @Override
        public void control(Runnable task) {
            real.control(task);
        }

        @Override
        public void tell(Runnable task) {
            real.tell(task);
        }

        @Override
        public void work(Runnable task) {
            real.work(task);
        }

        @Override
        public void detach(String what, Runnable task) {
            real.detach(what, task);
        }

        @Override
        public boolean isExiting() {
            return real.isExiting();
        }

        @Override
        public ThreadFactory threads(String role) {
            return real.threads(role);
        }

        @Override
        public void close() {
            synchronized (timers) {
                timers.removeIf(it -> it.host == this);
            }
            real.close();
            closed.complete(null);
        }
    }
}
