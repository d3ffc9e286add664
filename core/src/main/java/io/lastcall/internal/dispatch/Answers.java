package io.lastcall.internal.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.StopReason;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Execution;
import io.lastcall.internal.account.Fate;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.internal.account.Strand;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Failure;
import io.lastcall.spi.RevokeReason;
import io.lastcall.spi.Settlement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What the broker says: settled, unsettled, taken away. Safe for any thread.
 *
 * <ul>
 *   <li><b>I6</b> an answer to anything but a SETTLING entry changes nothing.
 *   <li><b>I7</b> a key that was held for its answer goes on after a good one; after a bad one its followers are given back.
 * </ul>
 */
public final class Answers<R> {

    private final Floor<R> floor;
    private final Dispatcher<R> dispatcher;

    public Answers(Floor<R> floor, Dispatcher<R> dispatcher) {
        this.floor = floor;
        this.dispatcher = dispatcher;
    }

    /** Confirmed. Returns how many of them were not open. */
    public int settled(LaneBook<R> lane, Collection<? extends Settlement<R>> covered) {
        int strange = 0;
        Due<R> due;
        floor.lock.lock();
        try {
            for (Settlement<R> settlement : covered) {
                Entry<R> entry = entryOf(settlement);
                if (entry.fate() != Fate.SETTLING) {
                    strange++;
                    continue;
                }
                entry.lane().move(entry, fateOf(entry.outcome()));
                unlock(entry);
            }
            floor.lookAt(lane);
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
        return strange;
    }

    /** Refused or unknown. Returns how many of them were not open. */
    public int unsettled(LaneBook<R> lane, Collection<? extends Settlement<R>> failed, Failure why) {
        Fate fate = why.kind() == Failure.Kind.REFUSED ? Fate.REVOKED : Fate.UNCONFIRMED;
        int strange = 0;
        Due<R> due;
        floor.lock.lock();
        try {
            for (Settlement<R> settlement : failed) {
                Entry<R> entry = entryOf(settlement);
                if (entry.fate() != Fate.SETTLING) {
                    strange++;
                    continue;
                }
                entry.lane().move(entry, fate);
                letFollowersGo(entry);
                unlock(entry);
            }
            floor.lookAt(lane);
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
        return strange;
    }

    /** What waits behind a key that comes again must not overtake it. */
    @GuardedBy("floor.lock")
    private void letFollowersGo(Entry<R> entry) {
        if (entry.holdsKey) {
            dispatcher.conclusions().releaseFollowers(floor.strandOf(entry));
        }
    }

    @GuardedBy("floor.lock")
    private void unlock(Entry<R> entry) {
        if (entry.holdsKey) {
            entry.holdsKey = false;
            floor.unpin(entry);
        }
    }

    /** Takes the lane away. */
    public void revoke(LaneBook<R> lane, RevokeReason why) {
        Due<R> due;
        floor.lock.lock();
        try {
            if (lane.isRevoked()) {
                return;
            }
            lane.revoked = why;
            Set<Strand<R>> touched = new LinkedHashSet<>();
            for (Entry<R> entry : lane.entries()) {
                if (entry.fate() != Fate.HELD) {
                    continue;
                }
                if (dropUnstarted(entry)) {
                    lane.unstartedAtRevoke++;
                    touched.add(floor.strandOf(entry));
                } else {
                    lane.runningAtRevoke++;
                }
            }
            for (Strand<R> strand : touched) {
                sweep(strand);
            }
            if (why == RevokeReason.LOST) {
                cutOff(lane);
            }
            floor.room.changed.signalAll();
            floor.lookAt(lane);
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
    }

    /** Takes an entry that has not started away from us; true too for one in admission, which ends when that is answered. */
    @GuardedBy("floor.lock")
    private boolean dropUnstarted(Entry<R> entry) {
        boolean admitted = floor.takeAdmitted(entry);
        boolean asking = entry.execution() == Execution.ADMITTING && floor.afoot.containsKey(entry);
        if (!admitted && !asking && !floor.takeFromWorker(entry) && !floor.takeUnstarted(entry)) {
            return false;
        }
        entry.lane().move(entry, Fate.REVOKED);
        if (admitted) {
            floor.ended(entry);
        } else if (asking) {
            dispatcher.admissions().askNoLonger(entry);
        }
        return true;
    }

    @GuardedBy("floor.lock")
    private void sweep(Strand<R> strand) {
        strand.sweep();
        floor.tidy(strand);
    }

    /** From now on late outcomes of the lane are dropped; returns how many were cut off. */
    public int fence(LaneBook<R> lane) {
        Due<R> due;
        int cut;
        floor.lock.lock();
        try {
            cut = cutOff(lane);
            floor.lookAt(lane);
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
        return cut;
    }

    @GuardedBy("floor.lock")
    private int cutOff(LaneBook<R> lane) {
        lane.fenced = true;
        int cut = 0;
        for (Entry<R> entry : lane.entries()) {
            if (entry.fate() == Fate.HELD) {
                lane.move(entry, Fate.REVOKED);
                entry.tell(StopReason.LANE_REVOKED);
                unlock(entry);
                cut++;
            }
        }
        return cut;
    }

    /** A lease is lost: the delivery is no longer ours. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void lapse(Entry<R> entry) {
        floor.mustHold();
        if (entry.fate() != Fate.HELD) {
            return;
        }
        Strand<R> strand = floor.strandOf(entry);
        boolean unstarted = dropUnstarted(entry);
        if (!unstarted) {
            entry.lane().move(entry, Fate.REVOKED);
            entry.tell(StopReason.LEASE_LOST);
            unlock(entry);
        }
        if (entry.lane().rules.holdKeyUntilSettled() && strand.exclusive) {
            // Whether it ran or waited: it comes again, and what is behind it must not overtake it.
            dispatcher.conclusions().releaseFollowers(strand);
        } else if (unstarted) {
            sweep(strand);
        }
        floor.lookAt(entry.lane());
    }

    /** Whatever was told and never answered is unknown now; for the end of a run. */
    public List<Entry<R>> giveUpWaiting() {
        List<Entry<R>> unanswered = new ArrayList<>();
        floor.lock.lock();
        try {
            for (LaneBook<R> lane : floor.lanes) {
                for (Entry<R> entry : lane.entries()) {
                    if (entry.fate() == Fate.SETTLING) {
                        lane.move(entry, Fate.UNCONFIRMED);
                        unanswered.add(entry);
                    }
                }
            }
        } finally {
            floor.lock.unlock();
        }
        return unanswered;
    }

    @SuppressWarnings(
            "unchecked") // Settlement says that only the core implements it; anything else is the adapter's error
    private static <R> Entry<R> entryOf(Settlement<R> settlement) {
        return (Entry<R>) settlement;
    }

    private static Fate fateOf(Outcome outcome) {
        if (outcome instanceof Outcome.Accept) {
            return Fate.ACCEPTED;
        } else if (outcome instanceof Outcome.Retry) {
            return Fate.RETRIED;
        } else if (outcome instanceof Outcome.Reject) {
            return Fate.REJECTED;
        }
        return Fate.RELEASED;
    }
}
