package io.lastcall.internal.dispatch;

import io.lastcall.internal.time.Host;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A host without threads and without time: the test runs workers and timers by hand, anything else that becomes due runs at once on
 * the thread that found it due. Safe for any thread.
 */
final class StepHost implements Host {

    /** Workers that were woken and wait for a thread. */
    final Queue<Runnable> workers = new ConcurrentLinkedQueue<>();

    private final Queue<Pending> timers = new ConcurrentLinkedQueue<>();

    private record Pending(Runnable task, AtomicBoolean over) implements Timer {
        @Override
        public void cancel() {
            over.set(true);
        }

        void fire() {
            if (over.compareAndSet(false, true)) {
                task.run();
            }
        }
    }

    /** Runs one worker until it finds nothing; false when none was woken. */
    boolean runWorker() {
        Runnable worker = workers.poll();
        if (worker == null) {
            return false;
        }
        worker.run();
        return true;
    }

    /** Fires the timers there are now; false when there are none. */
    boolean fireTimers() {
        int now = timers.size();
        for (int i = 0; i < now; i++) {
            Pending next = timers.poll();
            if (next != null) {
                next.fire();
            }
        }
        return now > 0;
    }

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public int processors() {
        return 2;
    }

    @Override
    public double random() {
        return 0;
    }

    @Override
    public Timer schedule(long at, Runnable task) {
        Pending pending = new Pending(task, new AtomicBoolean());
        timers.add(pending);
        return pending;
    }

    @Override
    public void control(Runnable task) {
        task.run();
    }

    @Override
    public void tell(Runnable task) {
        task.run();
    }

    @Override
    public void work(Runnable task) {
        if (task instanceof Worker) {
            workers.add(task);
        } else {
            task.run();
        }
    }

    @Override
    public void detach(String what, Runnable task) {
        task.run();
    }

    @Override
    public boolean isExiting() {
        return false;
    }

    @Override
    public ThreadFactory threads(String role) {
        throw new UnsupportedOperationException("no source here");
    }

    @Override
    public boolean await(CompletionStage<?> stage, long nanos) {
        throw new UnsupportedOperationException("no source here");
    }

    @Override
    public void close() {}
}
