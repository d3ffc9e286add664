package io.lastcall.testkit.simulation;

import io.lastcall.internal.time.Host;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;

/** What one run of a simulated consumer lives on. Not thread-safe. */
class SimulatedHost implements Host {

    protected final Scheduler scheduler;
    private final Scheduler.Serial control;
    private final Scheduler.Serial listeners;
    private final Scheduler.Serial timer;
    private boolean closed;

    SimulatedHost(Scheduler scheduler) {
        this.scheduler = scheduler;
        this.control = scheduler.serial(Place.CONTROL);
        this.listeners = scheduler.serial(Place.LISTENER);
        this.timer = scheduler.serial(Place.TIMER);
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public long nanoTime() {
        return scheduler.nanoTime();
    }

    @Override
    public int processors() {
        return 2;
    }

    @Override
    public double random() {
        return scheduler.dice.unit();
    }

    @Override
    public Timer schedule(long at, Runnable task) {
        if (closed) {
            return () -> {};
        }
        return scheduler.at(scheduler.elapsedAt(at), timer, () -> {
            if (!closed) {
                task.run();
            }
        });
    }

    @Override
    public void control(Runnable task) {
        long stalled = scheduler.stalled();
        if (stalled > 0) {
            if (stalled != Long.MAX_VALUE) {
                scheduler.after(stalled, () -> control(task));
            }
            return;
        }
        if (!closed) {
            scheduler.give(control, task);
            scheduler.interleave();
        }
    }

    @Override
    public void tell(Runnable task) {
        if (!closed) {
            scheduler.give(listeners, task);
            scheduler.interleave();
        }
    }

    @Override
    public void work(Runnable task) {
        scheduler.give(Place.WORKER, task);
        scheduler.interleave();
    }

    @Override
    public void detach(String what, Runnable task) {
        scheduler.give(Place.DETACHED, task);
        scheduler.interleave();
    }

    @Override
    public boolean isExiting() {
        return false;
    }

    @Override
    public ThreadFactory threads(String role) {
        throw new AssertionError("nothing in a simulation makes threads: " + role);
    }

    @Override
    public boolean await(CompletionStage<?> stage, long nanos) {
        throw new AssertionError("nothing in a simulation blocks");
    }

    @Override
    public void close() {
        closed = true;
    }
}
