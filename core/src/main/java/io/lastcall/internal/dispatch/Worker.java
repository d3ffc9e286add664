package io.lastcall.internal.dispatch;

import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Execution;
import io.lastcall.message.Outcome;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One slot at work: takes runs from the floor, claims and handles their entries one by one, and settles what is done. Runs on one
 * thread at a time; others only narrow its window, or interrupt it under the floor's lock.
 */
final class Worker<R> implements Runnable {

    static final int LONGEST_RUN = 256;

    private static final VarHandle WINDOW;

    static {
        try {
            WINDOW = MethodHandles.lookup().findVarHandle(Worker.class, "window", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Floor<R> floor;
    private final Dispatcher<R> dispatcher;

    /** Written by the dispatcher under the lock while this worker has no window. */
    final List<Entry<R>> run = new ArrayList<>();
    /** Settle calls to make, or made and not yet reported. Under the lock and on this thread. */
    final List<Telling<R>> tellings = new ArrayList<>();
    /** Entries whose outcome is to be made to hold. Under the lock and on this thread. */
    final List<Entry<R>> concluding = new ArrayList<>();
    /** Entries before this index have been concluded. Guarded by the lock. */
    int concluded;
    /** How often a run was taken; tells the watch that it is still the same one. Guarded by the lock. */
    long turn;
    /** Has a run. Guarded by the lock. */
    boolean busy;
    /** What the watch saw last. Guarded by the lock. */
    long watchedTurn;

    int watchedClaimed;
    /** The slot went with an unfinished asynchronous handler. Guarded by the lock. */
    boolean slotGone;
    /** Next index to claim in the high half, end of the run in the low half. Compare-and-set by this worker and the watch. */
    private volatile long window;
    /** When the run began. Written by this worker, read by it under the lock. */
    private long begun;
    /** When the run or the last measured entry began. Written by this worker, read by drains. */
    private volatile long mark;
    /** Written by this worker. */
    private volatile @Nullable Thread thread;

    Worker(Floor<R> floor, Dispatcher<R> dispatcher) {
        this.floor = floor;
        this.dispatcher = dispatcher;
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        HandlerThread.enter(floor);
        try {
            while (dispatcher.next(this)) {
                work();
                dispatcher.finish(this);
                if (floor.interrupting) {
                    // One meant for an asynchronous handler that had just returned must not hit what follows.
                    Thread.interrupted();
                }
                afterwards();
            }
        } catch (Throwable e) {
            // Only an error of our own comes here. The slot stays taken; the run ends and says why.
            floor.duties().broken(e);
        } finally {
            HandlerThread.exit();
        }
    }

    private void work() {
        Duties<R> duties = floor.duties();
        begun = floor.host.nanoTime();
        mark = begun;
        // Reading the clock costs as much as a short handler: short ones share a reading.
        int stride = floor.expectedNanos() < 1_000 ? 15 : 0;
        for (int i = claim(); i >= 0; i = claim()) {
            Entry<R> entry = run.get(i);
            if (duties.admits() && !entry.admitted && entry.outcomeOrNull() == null) {
                if (dispatcher.sendToAdmission(this, entry)) {
                    duties.admit(entry);
                }
                return;
            }
            if (!start(entry)) {
                continue;
            }
            Outcome outcome = duties.handle(entry);
            if (outcome == null) {
                return;
            }
            entry.decide(outcome);
            entry.mustMove(Execution.RUNNING, Execution.CONCLUDING);
            if (floor.interrupting) {
                dispatcher.passInterrupt();
            }
            // A handler may leave its interrupt status behind; the next one and the source must not meet it.
            Thread.interrupted();
            if (!(outcome instanceof Outcome.Accept)) {
                return;
            }
            if ((i & stride) == stride) {
                long now = floor.host.nanoTime();
                mark = now;
                if (now - begun > Pace.RUN_NANOS) {
                    return;
                }
            }
        }
    }

    private boolean start(Entry<R> entry) {
        return entry.move(Execution.QUEUED, Execution.RUNNING) || entry.move(Execution.ADMITTING, Execution.RUNNING);
    }

    private void afterwards() {
        Duties<R> duties = floor.duties();
        for (Telling<R> telling : tellings) {
            duties.settle(telling.lane(), telling.run());
        }
        for (Entry<R> entry : concluding) {
            duties.conclude(entry);
        }
        concluding.clear();
    }

    // ---- the window ----

    void open(int size) {
        concluded = 0;
        turn++;
        window = size;
    }

    /** Ends the run where it stands, so that nobody puts its rest back a second time. */
    void shut(int claimed) {
        window = window(claimed, claimed);
    }

    /** The next index that is ours, or -1. */
    private int claim() {
        while (true) {
            long seen = window;
            int next = next(seen);
            if (next >= limit(seen)) {
                return -1;
            }
            if (WINDOW.compareAndSet(this, seen, window(next + 1, limit(seen)))) {
                return next;
            }
        }
    }

    /** Shortens the run, unless it has gone beyond; returns whether it did. */
    boolean cut(int newLimit) {
        long seen = window;
        return next(seen) <= newLimit && WINDOW.compareAndSet(this, seen, window(next(seen), newLimit));
    }

    /** How many entries were claimed. */
    int claimed() {
        return next(window);
    }

    int end() {
        return limit(window);
    }

    /** The entry it is at, null between entries. Under the lock. */
    @Nullable
    Entry<R> current() {
        int claimed = claimed();
        if (claimed <= concluded || claimed > run.size()) {
            return null;
        }
        Entry<R> entry = run.get(claimed - 1);
        return entry.execution() == Execution.RUNNING ? entry : null;
    }

    long begun() {
        return begun;
    }

    long mark() {
        return mark;
    }

    @Nullable
    Thread thread() {
        return thread;
    }

    private static int next(long window) {
        return (int) (window >>> 32);
    }

    private static int limit(long window) {
        return (int) window;
    }

    private static long window(int next, int limit) {
        return ((long) next << 32) | limit;
    }
}
