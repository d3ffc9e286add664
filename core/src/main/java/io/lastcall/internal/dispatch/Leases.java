package io.lastcall.internal.dispatch;

import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Fate;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Extension;
import java.util.ArrayList;
import java.util.List;

/**
 * Which deliveries need their lease extended, and what the answers mean. Safe for any thread.
 *
 * <p><b>I9</b> an entry is marked while an extension for it is under way; a release or retry decided meanwhile waits for the
 * answer.
 */
public final class Leases<R> {

    private final Floor<R> floor;
    private final Answers<R> answers;

    public Leases(Floor<R> floor, Answers<R> answers) {
        this.floor = floor;
        this.answers = answers;
    }

    /** Marks and returns what is to be extended now; the call counts as under way until {@link #extended}. */
    public List<Entry<R>> take(LaneBook<R> lane) {
        floor.lock.lock();
        try {
            List<Entry<R>> held = new ArrayList<>();
            if (lane.isRevoked() || floor.sealed) {
                return held;
            }
            for (Entry<R> entry : lane.entries()) {
                boolean stays = entry.fate() == Fate.HELD && !entry.deferred;
                boolean unanswered = entry.fate() == Fate.SETTLING
                        && !(entry.outcome() instanceof Outcome.Release)
                        && !(entry.outcome() instanceof Outcome.Retry);
                if (!entry.extending && (stays || unanswered)) {
                    entry.extending = true;
                    held.add(entry);
                }
            }
            if (!held.isEmpty()) {
                floor.calls++;
            }
            return held;
        } finally {
            floor.lock.unlock();
        }
    }

    /** The broker has answered; returns how many were lost. */
    public int extended(List<Entry<R>> held, List<Extension> said) {
        int lost = 0;
        Due<R> due;
        floor.lock.lock();
        try {
            floor.calls--;
            for (int i = 0; i < held.size(); i++) {
                Entry<R> entry = held.get(i);
                entry.extending = false;
                if (said.get(i) == Extension.LAPSED && entry.fate() == Fate.HELD) {
                    lost++;
                    answers.lapse(entry);
                } else if (entry.deferred && entry.fate() == Fate.HELD) {
                    entry.deferred = false;
                    floor.tell(entry, entry.outcome());
                }
            }
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
        return lost;
    }
}
