package io.lastcall.internal.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Execution;
import io.lastcall.internal.account.Fate;
import io.lastcall.internal.account.Strand;
import io.lastcall.internal.dispatch.Floor.Afoot;
import io.lastcall.message.Outcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the outcome of a handling means: told to the source, tried again here after a back-off, made to hold first (a dead letter), or
 * given back. Safe for any thread.
 *
 * <ul>
 *   <li><b>I13</b> what goes back through the broker takes the followers of its strand with it.
 * </ul>
 */
public final class Conclusions<R> {

    /** How long to wait until a conclusion that failed is tried again. */
    private static final Duration CONCLUDE_AGAIN = Duration.ofSeconds(1);
    /** How long at least a released delivery waits here, where the broker cannot have it back. */
    private static final Duration RELEASED = Duration.ofSeconds(1);

    private final Floor<R> floor;

    Conclusions(Floor<R> floor) {
        this.floor = floor;
    }

    // ---- what an outcome means ----

    /** It goes on without a thread. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void walk(Entry<R> entry, @Nullable Runnable cancel) {
        floor.mustHold();
        floor.afoot.put(entry, new Afoot(floor.host.nanoTime(), cancel));
    }

    /** Decides what a CONCLUDING entry's outcome means now. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void conclude(Entry<R> entry) {
        floor.mustHold();
        if (entry.again) {
            entry.again = false;
            floor.retriesInProcess++;
        }
        Outcome outcome = entry.outcome();
        if (entry.fate() != Fate.HELD) {
            if (!(outcome instanceof Outcome.Release)) {
                floor.lateOutcomes++;
            }
            done(entry);
        } else if (outcome instanceof Outcome.Accept) {
            floor.tell(entry, outcome);
            done(entry);
        } else if (outcome instanceof Outcome.Reject reject) {
            reject(entry, reject);
        } else if (outcome instanceof Outcome.Retry retry) {
            retry(entry, retry);
        } else if (outcome instanceof Outcome.Release release) {
            if (floor.redelivers || floor.draining) {
                giveBack(entry, release);
            } else {
                backOff(entry, longer(release.notBefore(), RELEASED), false);
            }
        }
    }

    @GuardedBy("floor.lock")
    private void reject(Entry<R> entry, Outcome.Reject reject) {
        if (floor.duties().concludes(reject)) {
            walk(entry, null);
            floor.concluding.add(entry);
        } else {
            if (floor.duties().drops()) {
                floor.dropped++;
            }
            floor.tell(entry, reject);
            done(entry);
        }
    }

    @GuardedBy("floor.lock")
    private void retry(Entry<R> entry, Outcome.Retry retry) {
        if (floor.draining && !floor.finishAll) {
            giveBack(entry, floor.redelivers ? retry : Outcome.release());
        } else if (floor.delays && floor.waiting >= floor.room.half()) {
            giveBack(entry, retry);
        } else {
            backOff(entry, retry.delay().orElse(Duration.ZERO), true);
        }
    }

    @GuardedBy("floor.lock")
    private void backOff(Entry<R> entry, Duration delay, boolean retry) {
        if (entry.lane().isRevoked()) {
            // The next try is the next owner's.
            entry.lane().move(entry, Fate.REVOKED);
            done(entry);
            floor.lookAt(entry.lane());
            return;
        }
        entry.mustMove(Execution.CONCLUDING, Execution.WAITING);
        entry.decide(null);
        floor.picked--;
        floor.waiting++;
        long at = floor.host.nanoTime() + Nanos.of(delay);
        floor.backOffs.put(entry, floor.host.schedule(at, () -> dueAgain(entry, retry)));
    }

    private void dueAgain(Entry<R> entry, boolean retry) {
        Due<R> due;
        floor.lock.lock();
        try {
            waited(entry, retry);
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
    }

    /** The back-off of an entry is over: it goes to the head of its strand. */
    @GuardedBy("floor.lock")
    private void waited(Entry<R> entry, boolean retry) {
        if (entry.move(Execution.WAITING, Execution.QUEUED)) {
            floor.waiting--;
            entry.again |= retry;
            floor.backOffs.remove(entry);
            Strand<R> strand = floor.strandOf(entry);
            strand.prepend(entry);
            strand.pins--;
            floor.tidy(strand);
        }
    }

    /** Gives an ended entry back, and with it whatever waits behind it in an ordered strand (I13). */
    @GuardedBy("floor.lock")
    private void giveBack(Entry<R> entry, Outcome outcome) {
        floor.tell(entry, outcome);
        Strand<R> strand = floor.strandOf(entry);
        if (strand.exclusive) {
            releaseFollowers(strand);
        }
        done(entry);
    }

    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void releaseFollowers(Strand<R> strand) {
        floor.mustHold();
        if (!strand.exclusive) {
            return;
        }
        for (Entry<R> follower = strand.first(); follower != null; follower = follower.next) {
            if (floor.takeUnstarted(follower)) {
                floor.tell(follower, Outcome.release());
            }
        }
        strand.sweep();
        floor.tidy(strand);
    }

    @GuardedBy("floor.lock")
    private void done(Entry<R> entry) {
        entry.mustMove(Execution.CONCLUDING, Execution.DONE);
        floor.ended(entry);
    }

    // ---- what holds no thread ----

    /** An asynchronous handler has ended. */
    public void completed(Entry<R> entry, Outcome outcome) {
        Due<R> due;
        floor.lock.lock();
        try {
            entry.decide(outcome);
            Afoot ended = floor.afoot.remove(entry);
            if (ended != null) {
                floor.pace.learn(floor.host.nanoTime() - ended.since());
                floor.crew.slots--;
                entry.mustMove(Execution.RUNNING, Execution.CONCLUDING);
                conclude(entry);
            }
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
    }

    /** A conclusion has been made to hold, or has failed. */
    public void concluded(Entry<R> entry, boolean well) {
        Due<R> due;
        floor.lock.lock();
        try {
            boolean wait = !floor.draining || floor.finishAll;
            if (!well && wait && entry.fate() == Fate.HELD) {
                long at = floor.host.nanoTime() + Nanos.of(CONCLUDE_AGAIN);
                floor.concludeLater.put(entry, floor.host.schedule(at, () -> concludeAgain(entry)));
                return;
            }
            floor.afoot.remove(entry);
            if (entry.fate() != Fate.HELD) {
                floor.lateOutcomes++;
                done(entry);
            } else if (well) {
                entry.writtenAsLetter();
                floor.tell(entry, entry.outcome());
                done(entry);
            } else {
                giveBack(entry, Outcome.release());
            }
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
    }

    private void concludeAgain(Entry<R> entry) {
        floor.lock.lock();
        try {
            if (floor.concludeLater.remove(entry) == null) {
                return;
            }
        } finally {
            floor.lock.unlock();
        }
        floor.host.work(() -> floor.duties().conclude(entry));
    }

    /** In a drain with a deadline a conclusion that failed is not waited for: those deliveries go back, and come again. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void concludeNoLater() {
        floor.mustHold();
        floor.concludeLater.forEach((entry, timer) -> {
            timer.cancel();
            floor.afoot.remove(entry);
            if (entry.fate() == Fate.HELD) {
                giveBack(entry, Outcome.release());
            } else {
                floor.lateOutcomes++;
                done(entry);
            }
        });
        floor.concludeLater.clear();
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
