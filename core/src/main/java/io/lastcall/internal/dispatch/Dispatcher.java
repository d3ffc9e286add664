package io.lastcall.internal.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Execution;
import io.lastcall.internal.account.Fate;
import io.lastcall.internal.account.Strand;
import io.lastcall.internal.dispatch.Floor.Afoot;
import io.lastcall.internal.time.Host;
import io.lastcall.message.Outcome;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Gives runs to workers and takes their outcomes back. Takes the floor's lock once to pick a run and once to end it, whatever the
 * run's length. Safe for any thread.
 *
 * <ul>
 *   <li><b>I7</b> a run of an exclusive strand goes to one worker, who pins the strand; a run that stops early puts its rest back
 *       at the head.
 *   <li><b>I8</b> nothing is picked that the drain's mode forbids or that would not end in time.
 *   <li><b>I13</b> what goes back through the broker takes the followers of its strand with it.
 * </ul>
 */
public final class Dispatcher<R> {

    /** How long to wait until a conclusion that failed is tried again. */
    private static final Duration CONCLUDE_AGAIN = Duration.ofSeconds(1);

    private final Floor<R> floor;
    private final Watch<R> watch;

    public Dispatcher(Floor<R> floor) {
        this.floor = floor;
        this.watch = new Watch<>(floor, this);
    }

    // ---- picking ----

    /** Gives the worker its next run; false when it has to leave its slot. */
    boolean next(Worker<R> worker) {
        boolean picked;
        Due<R> due;
        floor.lock.lock();
        try {
            floor.returned(worker.tellings);
            worker.tellings.clear();
            worker.run.clear();
            picked = floor.crew.keeps(worker) && pick(worker);
            worker.busy = picked;
            if (!picked) {
                floor.crew.dismiss(worker);
            }
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
        return picked;
    }

    @GuardedBy("floor.lock")
    private boolean pick(Worker<R> worker) {
        if (!floor.mayStart() || !fits()) {
            return false;
        }
        for (Entry<R> entry = floor.admitted.poll(); entry != null; entry = floor.admitted.poll()) {
            if (entry.execution() == Execution.ADMITTING) {
                worker.run.add(entry);
                open(worker);
                return true;
            }
        }
        int length = runLength();
        while (worker.run.size() < length) {
            Strand<R> strand = floor.ready.poll();
            if (strand == null) {
                break;
            }
            boolean oneOnly;
            do {
                Entry<R> entry = strand.removeFirst();
                worker.run.add(entry);
                strand.pins++;
                floor.picked++;
                oneOnly = entry.lane().rules.holdKeyUntilSettled() && strand.exclusive;
            } while (!oneOnly && !strand.isEmpty() && worker.run.size() < length);
            floor.tidy(strand);
        }
        if (worker.run.isEmpty()) {
            return false;
        }
        open(worker);
        return true;
    }

    @GuardedBy("floor.lock")
    private void open(Worker<R> worker) {
        int size = worker.run.size();
        worker.open(size);
        floor.crew.runs++;
        if (size > 1) {
            watch.look();
        }
    }

    /** Work is left to the workers there are: they may turn slow. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void watch() {
        watch.look();
    }

    /** I8: whether what starts now is expected to end in time. */
    @GuardedBy("floor.lock")
    private boolean fits() {
        if (floor.starts != Starts.FITTING) {
            return true;
        }
        boolean fits = floor.pace.fits(floor.handlersHave());
        floor.unfit |= !fits;
        return fits;
    }

    @GuardedBy("floor.lock")
    private int runLength() {
        if (floor.ready.isByPriority() || floor.duties().admits()) {
            return 1;
        }
        return floor.pace.runLength();
    }

    // ---- ending ----

    /** Takes back a run: what was not claimed returns to its strands, what was is concluded. */
    void finish(Worker<R> worker) {
        Due<R> due;
        floor.lock.lock();
        try {
            int claimed = worker.claimed();
            putBack(worker, claimed, worker.end());
            worker.shut(claimed);
            measure(worker, claimed);
            conclude(worker, claimed);
            worker.concluding.addAll(floor.concluding);
            floor.concluding.clear();
            floor.takeTellings(worker.tellings);
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
    }

    /** Entries that nobody claimed go back to the heads of their strands. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void putBack(Worker<R> worker, int from, int to) {
        floor.mustHold();
        for (int i = to - 1; i >= from; i--) {
            Entry<R> entry = worker.run.get(i);
            if (entry.execution() == Execution.ADMITTING) {
                floor.admitted.addFirst(entry);
                continue;
            }
            Strand<R> strand = floor.strandOf(entry);
            floor.picked--;
            strand.pins--;
            if (entry.execution() == Execution.QUEUED && entry.fate() == Fate.HELD) {
                strand.prepend(entry);
            }
            floor.tidy(strand);
        }
    }

    /** Takes from a worker all that it has not claimed. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void recall(Worker<R> worker) {
        floor.mustHold();
        int end = worker.end();
        int claimed = worker.claimed();
        while (claimed < end && !worker.cut(claimed)) {
            claimed = worker.claimed();
        }
        putBack(worker, claimed, end);
    }

    @GuardedBy("floor.lock")
    private void measure(Worker<R> worker, int claimed) {
        int handled = claimed - worker.concluded;
        if (handled <= 0) {
            return;
        }
        floor.pace.learn((floor.host.nanoTime() - worker.begun()) / claimed);
    }

    /** Concludes the entries of a run from where it was concluded last, up to an index. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void conclude(Worker<R> worker, int to) {
        floor.mustHold();
        for (int i = worker.concluded; i < to; i++) {
            Entry<R> entry = worker.run.get(i);
            switch (entry.execution()) {
                case CONCLUDING -> conclude(entry);
                case RUNNING -> {
                    if (entry.outcomeOrNull() == null) {
                        walk(entry, floor.duties().cancel(entry));
                        worker.slotGone = true;
                    } else {
                        entry.mustMove(Execution.RUNNING, Execution.CONCLUDING);
                        conclude(entry);
                    }
                }
                default -> floor.ended(entry);
            }
        }
        worker.concluded = Math.max(worker.concluded, to);
    }

    @GuardedBy("floor.lock")
    private void walk(Entry<R> entry, @Nullable Runnable cancel) {
        floor.afoot.put(entry, new Afoot(floor.host.nanoTime(), cancel));
    }

    /** Decides what a CONCLUDING entry's outcome means now. */
    @GuardedBy("floor.lock")
    void conclude(Entry<R> entry) {
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
                backOff(entry, release.notBefore());
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
        } else if (floor.redelivers && floor.waiting >= Math.max(1, floor.limit / 2)) {
            giveBack(entry, retry);
        } else {
            floor.retriesInProcess++;
            backOff(entry, floor.finishAll ? Duration.ZERO : retry.delay().orElse(Duration.ZERO));
        }
    }

    @GuardedBy("floor.lock")
    private void backOff(Entry<R> entry, Duration delay) {
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
        floor.backOffs.put(entry, floor.host.schedule(at, () -> dueAgain(entry)));
    }

    private void dueAgain(Entry<R> entry) {
        Due<R> due;
        floor.lock.lock();
        try {
            waited(entry);
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
    }

    /** The back-off of an entry is over: it goes to the head of its strand. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void waited(Entry<R> entry) {
        floor.mustHold();
        if (entry.move(Execution.WAITING, Execution.QUEUED)) {
            floor.waiting--;
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
            if (!well && !floor.draining && entry.fate() == Fate.HELD) {
                floor.host.schedule(floor.host.nanoTime() + Nanos.of(CONCLUDE_AGAIN), () -> concludeAgain(entry));
                return;
            }
            floor.afoot.remove(entry);
            if (entry.fate() != Fate.HELD) {
                floor.lateOutcomes++;
                done(entry);
            } else if (well) {
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
        boolean draining;
        floor.lock.lock();
        try {
            draining = floor.draining;
        } finally {
            floor.lock.unlock();
        }
        if (draining) {
            concluded(entry, false);
        } else {
            floor.host.work(() -> floor.duties().conclude(entry));
        }
    }

    /** Hands an entry to its admission; false when it was taken before. It belongs to the run no more. */
    boolean sendToAdmission(Worker<R> worker, Entry<R> entry) {
        floor.lock.lock();
        try {
            if (!entry.move(Execution.QUEUED, Execution.ADMITTING)) {
                return false;
            }
            conclude(worker, worker.claimed() - 1);
            worker.concluded = worker.claimed();
            walk(entry, null);
            return true;
        } finally {
            floor.lock.unlock();
        }
    }

    /** Admission was granted, refused with an outcome, or put off. */
    public void admitted(Entry<R> entry, Verdict verdict) {
        Due<R> due;
        floor.lock.lock();
        try {
            boolean wait = entry.fate() == Fate.HELD && (!floor.draining || floor.finishAll);
            if (verdict instanceof Verdict.NotYet notYet && wait) {
                long at = floor.host.nanoTime() + Nanos.of(notYet.delay());
                floor.putOff.put(entry, floor.host.schedule(at, () -> askAgain(entry)));
                return;
            }
            floor.afoot.remove(entry);
            answerAdmission(entry, verdict);
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
    }

    private void askAgain(Entry<R> entry) {
        Due<R> due;
        floor.lock.lock();
        try {
            askNoLonger(entry);
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
    }

    /** Ends the wait of an entry whose admission was put off: it is asked for again, or not wanted any more. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void askNoLonger(Entry<R> entry) {
        floor.mustHold();
        Host.Timer timer = floor.putOff.remove(entry);
        if (timer != null) {
            timer.cancel();
            floor.afoot.remove(entry);
            answerAdmission(entry, Verdict.AGAIN);
        }
    }

    @GuardedBy("floor.lock")
    private void answerAdmission(Entry<R> entry, Verdict verdict) {
        boolean wanted = entry.fate() == Fate.HELD && (!floor.draining || floor.starts != Starts.NONE);
        if (verdict instanceof Verdict.Answer answer && entry.fate() == Fate.HELD) {
            entry.mustMove(Execution.ADMITTING, Execution.CONCLUDING);
            entry.decide(answer.outcome());
            conclude(entry);
        } else if (verdict instanceof Verdict.Go && wanted) {
            entry.admitted = true;
            floor.admitted.add(entry);
        } else if (verdict instanceof Verdict.Again && wanted) {
            entry.mustMove(Execution.ADMITTING, Execution.QUEUED);
            floor.picked--;
            Strand<R> strand = floor.strandOf(entry);
            strand.prepend(entry);
            strand.pins--;
            floor.tidy(strand);
        } else {
            entry.mustMove(Execution.ADMITTING, Execution.DONE);
            if (verdict instanceof Verdict.Go) {
                floor.host.work(() -> floor.duties().giveUp(entry));
            }
            if (entry.fate() == Fate.HELD) {
                floor.tell(entry, Outcome.release());
            }
            floor.ended(entry);
        }
    }

    // ---- interrupts ----

    /** Waits until an interrupt that is being sent has been sent, so that it cannot hit what comes after the handler. */
    void passInterrupt() {
        floor.lock.lock();
        try {
            floor.mustHold();
        } finally {
            floor.lock.unlock();
        }
    }
}
