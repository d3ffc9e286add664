package io.lastcall.internal.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Execution;
import io.lastcall.internal.account.Fate;
import io.lastcall.internal.account.Strand;

/**
 * Gives runs to workers and takes their outcomes back. Takes the floor's lock once to pick a run and once to end it, whatever the
 * run's length. What an outcome means is the business of {@link Conclusions}. Safe for any thread.
 *
 * <ul>
 *   <li><b>I7</b> a run of an exclusive strand goes to one worker, who pins the strand; a run that stops early puts its rest back
 *       at the head.
 *   <li><b>I8</b> nothing is picked that the drain's mode forbids or that would not end in time.
 * </ul>
 */
public final class Dispatcher<R> {

    private final Floor<R> floor;
    private final Watch<R> watch;
    private final Conclusions<R> conclusions;
    private final Admissions<R> admissions;

    public Dispatcher(Floor<R> floor) {
        this.floor = floor;
        this.watch = new Watch<>(floor, this);
        this.conclusions = new Conclusions<>(floor);
        this.admissions = new Admissions<>(floor, conclusions);
    }

    public Conclusions<R> conclusions() {
        return conclusions;
    }

    public Admissions<R> admissions() {
        return admissions;
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
                case CONCLUDING -> conclusions.conclude(entry);
                case RUNNING -> {
                    if (entry.outcomeOrNull() == null) {
                        conclusions.walk(entry, floor.duties().cancel(entry));
                        worker.slotGone = true;
                    } else {
                        entry.mustMove(Execution.RUNNING, Execution.CONCLUDING);
                        conclusions.conclude(entry);
                    }
                }
                default -> floor.ended(entry);
            }
        }
        worker.concluded = Math.max(worker.concluded, to);
    }

    // ---- admission ----

    /** Hands an entry to its admission; false when it was taken before. It belongs to the run no more. */
    boolean sendToAdmission(Worker<R> worker, Entry<R> entry) {
        floor.lock.lock();
        try {
            if (!entry.move(Execution.QUEUED, Execution.ADMITTING)) {
                return false;
            }
            conclude(worker, worker.claimed() - 1);
            worker.concluded = worker.claimed();
            conclusions.walk(entry, null);
            return true;
        } finally {
            floor.lock.unlock();
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
