package io.lastcall.internal.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Strand;
import io.lastcall.internal.time.Host;
import org.jspecify.annotations.Nullable;

/**
 * Looks at workers with long runs: when one of their handlers turns slow, what waits behind it in the run goes to others, and what
 * is done before it is settled. And at work that was left to the workers there are: when none of them takes any, another is woken.
 * Looks each millisecond while there is something to look at, less often while all stands still. Guarded by the floor's lock.
 */
final class Watch<R> {

    private static final long SOON_NANOS = 1_000_000;
    private static final long SELDOM_NANOS = 64_000_000;

    private final Floor<R> floor;
    private final Dispatcher<R> dispatcher;

    /** The next look; null while there is nothing to look at. */
    @GuardedBy("floor.lock")
    private Host.@Nullable Timer next;

    @GuardedBy("floor.lock")
    private long pauseNanos = SOON_NANOS;

    @GuardedBy("floor.lock")
    private long runsSeen;

    @GuardedBy("floor.lock")
    private boolean moved;

    Watch(Floor<R> floor, Dispatcher<R> dispatcher) {
        this.floor = floor;
        this.dispatcher = dispatcher;
    }

    /** A long run was taken, or work was left to the workers there are. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void look() {
        floor.mustHold();
        if (next != null && pauseNanos > SOON_NANOS) {
            next.cancel();
            next = null;
        }
        if (next == null) {
            lookIn(SOON_NANOS);
        }
    }

    @GuardedBy("floor.lock")
    private void lookIn(long nanos) {
        pauseNanos = nanos;
        next = floor.host.schedule(floor.host.nanoTime() + nanos, this::lookAround);
    }

    private void lookAround() {
        Due<R> due;
        floor.lock.lock();
        try {
            next = null;
            moved = false;
            boolean more = false;
            for (Worker<R> worker : floor.crew.all) {
                if (worker.busy && worker.run.size() > 1) {
                    more |= lookAt(worker);
                }
            }
            floor.crew.pressed = floor.crew.runs == runsSeen && floor.hasMoreWork();
            runsSeen = floor.crew.runs;
            if (floor.crew.pressed || (more && moved)) {
                lookIn(SOON_NANOS);
            } else if (more) {
                lookIn(Math.min(2 * pauseNanos, SELDOM_NANOS));
            }
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
    }

    /** Whether the worker has to be looked at again. */
    @GuardedBy("floor.lock")
    private boolean lookAt(Worker<R> worker) {
        int claimed = worker.claimed();
        if (worker.turn == worker.watchedTurn && claimed == worker.watchedClaimed) {
            relieve(worker);
            return worker.claimed() < worker.end();
        }
        worker.watchedTurn = worker.turn;
        worker.watchedClaimed = claimed;
        moved = true;
        return true;
    }

    /** Takes from a worker what it has not begun, but for the strand it is in, and settles what it has done. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void relieve(Worker<R> worker) {
        floor.mustHold();
        int claimed = worker.claimed();
        if (claimed == 0) {
            return;
        }
        Strand<R> strand = floor.strandOf(worker.run.get(claimed - 1));
        int keep = claimed;
        int end = worker.end();
        while (strand.exclusive && keep < end && floor.strandOf(worker.run.get(keep)) == strand) {
            keep++;
        }
        if (keep < end && worker.cut(keep)) {
            dispatcher.putBack(worker, keep, end);
        }
        harvest(worker);
    }

    /** Concludes what a worker has done so far, but for the entry it is at. */
    @GuardedBy("floor.lock")
    void harvest(Worker<R> worker) {
        Entry<R> current = worker.current();
        int done = current == null ? worker.concluded : worker.claimed() - 1;
        if (done > worker.concluded) {
            dispatcher.conclude(worker, done);
        }
    }
}
