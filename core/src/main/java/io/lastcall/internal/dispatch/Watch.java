package io.lastcall.internal.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Strand;

/**
 * Looks at workers with long runs: when one of their handlers turns slow, what waits behind it in the run goes to others, and what
 * is done before it is settled. Looks each millisecond, and only while there are long runs. Guarded by the floor's lock.
 */
final class Watch<R> {

    private static final long LOOK_NANOS = 1_000_000;

    private final Floor<R> floor;
    private final Dispatcher<R> dispatcher;

    @GuardedBy("floor.lock")
    private boolean looking;

    Watch(Floor<R> floor, Dispatcher<R> dispatcher) {
        this.floor = floor;
        this.dispatcher = dispatcher;
    }

    /** A long run was taken. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void look() {
        floor.mustHold();
        if (!looking) {
            looking = true;
            floor.host.schedule(floor.host.nanoTime() + LOOK_NANOS, this::lookAround);
        }
    }

    private void lookAround() {
        Due<R> due;
        floor.lock.lock();
        try {
            looking = false;
            boolean more = false;
            for (Worker<R> worker : floor.workers) {
                if (worker.busy && worker.run.size() > 1) {
                    more |= lookAt(worker);
                }
            }
            if (more) {
                look();
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
