package io.lastcall.internal.runtime;

import io.lastcall.internal.time.Host;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;

/** A host on the test's own thread: nothing runs until {@link #run}, time moves only by {@link #advance}. */
final class ManualHost implements Host {

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final List<Due> timers = new ArrayList<>();
    private final Set<String> hanging = new HashSet<>();
    private long now = Long.MAX_VALUE - 5_000_000_000L; // overflows soon, as a clock may
    private String place = "";
    private boolean closed;

    private record Due(long at, Runnable task) {}

    /** Runs all that was given, and what comes of it. */
    void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Moves the clock from timer to timer. */
    void advance(Duration by) {
        run();
        long until = now + by.toNanos();
        while (true) {
            Due next = timers.stream()
                    .filter(it -> it.at - until <= 0)
                    .min(Comparator.comparingLong(it -> it.at - until))
                    .orElse(null);
            if (next == null) {
                break;
            }
            timers.remove(next);
            now = next.at - now > 0 ? next.at : now;
            at("timer", next.task).run();
            run();
        }
        now = until;
    }

    /** Moves the clock and nothing else. */
    void elapse(Duration by) {
        now += by.toNanos();
    }

    /** What is detached under this name never runs. */
    void hang(String what) {
        hanging.add(what);
    }

    /** Where the code that asks runs now. */
    String place() {
        return place;
    }

    boolean isClosed() {
        return closed;
    }

    int timers() {
        return timers.size();
    }

    private Runnable at(String where, Runnable task) {
        return () -> {
            place = where;
            task.run();
            place = "";
        };
    }

    private void give(String where, Runnable task) {
        if (!closed) {
            tasks.add(at(where, task));
        }
    }

    @Override
    public long nanoTime() {
        return now;
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
        Due due = new Due(at, task);
        timers.add(due);
        return () -> timers.remove(due);
    }

    @Override
    public void control(Runnable task) {
        give("control", task);
    }

    @Override
    public void tell(Runnable task) {
        give("listeners", task);
    }

    @Override
    public void work(Runnable task) {
        throw new AssertionError("the runtime has no workers");
    }

    @Override
    public void detach(String what, Runnable task) {
        if (!hanging.contains(what)) {
            give(what, task);
        }
    }

    @Override
    public boolean isExiting() {
        return false;
    }

    @Override
    public ThreadFactory threads(String role) {
        throw new AssertionError("no threads in a manual host");
    }

    @Override
    public boolean await(CompletionStage<?> stage, long nanos) {
        throw new AssertionError("nothing waits in a manual host");
    }

    @Override
    public void close() {
        closed = true;
        timers.clear();
    }
}
