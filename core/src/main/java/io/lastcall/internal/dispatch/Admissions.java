package io.lastcall.internal.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Execution;
import io.lastcall.internal.account.Fate;
import io.lastcall.internal.account.Strand;
import io.lastcall.internal.time.Host;
import io.lastcall.message.Outcome;

/** What the answer of an admission does to the delivery that asked. Safe for any thread. */
public final class Admissions<R> {

    private final Floor<R> floor;
    private final Conclusions<R> conclusions;

    Admissions(Floor<R> floor, Conclusions<R> conclusions) {
        this.floor = floor;
        this.conclusions = conclusions;
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
            conclusions.conclude(entry);
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
}
