package io.lastcall.internal.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.internal.account.Strand;
import io.lastcall.message.Outcome;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What comes in, and how much may: lanes, offers, capacity, pauses. Safe for any thread.
 *
 * <ul>
 *   <li><b>I1</b> an offer is taken whole or refused whole, and counted either way.
 *   <li><b>I11</b> a read of no capacity arms the signal under the same lock that later fires it.
 * </ul>
 */
@SuppressWarnings("GuardedBy") // change() holds the lock around what it is given; the checker cannot see it
public final class Offers<R> {

    private final Floor<R> floor;

    public Offers(Floor<R> floor) {
        this.floor = floor;
    }

    /** Opens a lane. */
    public LaneBook<R> open(LaneId id, LaneRules rules) {
        floor.lock.lock();
        try {
            LaneBook<R> lane = new LaneBook<>(id, rules, floor.sum, floor);
            floor.lanes.add(lane);
            return lane;
        } finally {
            floor.lock.unlock();
        }
    }

    /** Takes entries in, each under its key, null for one without order; false when receiving has stopped or the lane is gone. */
    public boolean offer(LaneBook<R> lane, List<Entry<R>> entries, @Nullable Object[] keys) {
        Due<R> due;
        int[] hashes = hashesOf(entries, keys);
        floor.lock.lock();
        try {
            if (!floor.room.accepting || lane.isRevoked()) {
                floor.refusedOffers += entries.size();
                return false;
            }
            for (int i = 0; i < entries.size(); i++) {
                Entry<R> entry = entries.get(i);
                lane.enter(entry);
                append(entry, keys[i], hashes[i]);
            }
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
        return true;
    }

    private static <R> int[] hashesOf(List<Entry<R>> entries, @Nullable Object[] keys) {
        int[] hashes = new int[keys.length];
        for (int i = 0; i < hashes.length; i++) {
            try {
                hashes[i] = Strands.hash(keys[i]);
            } catch (Throwable e) {
                entries.get(i).decide(Outcome.reject("the key has no hash", e));
                keys[i] = null;
            }
        }
        return hashes;
    }

    @GuardedBy("floor.lock")
    private void append(Entry<R> entry, @Nullable Object key, int hash) {
        Strand<R> strand;
        try {
            strand = floor.strandFor(key, hash);
        } catch (Throwable e) {
            // The one thing of the user's that runs under the lock: equals of two keys with the same hash.
            entry.decide(Outcome.reject("the key cannot be compared", e));
            strand = floor.unordered;
        }
        entry.strand = strand;
        strand.append(entry);
        if (strand.ready) {
            floor.ready.grown(strand);
        } else {
            floor.tidy(strand);
        }
    }

    /** How many more are wanted; arms the signal when none are (I11). */
    public int capacity(LaneBook<R> lane) {
        floor.lock.lock();
        try {
            return readCapacity(lane);
        } finally {
            floor.lock.unlock();
        }
    }

    @GuardedBy("floor.lock")
    private int readCapacity(LaneBook<R> lane) {
        int capacity = floor.room.capacity(lane);
        if (capacity <= 0) {
            floor.room.arm(lane);
        }
        return capacity;
    }

    /** Waits for capacity; zero or less when the time is over or no more is wanted. */
    public int awaitCapacity(LaneBook<R> lane, long nanos) throws InterruptedException {
        floor.lock.lockInterruptibly();
        try {
            long left = nanos;
            int capacity = readCapacity(lane);
            while (capacity <= 0 && left > 0 && !floor.draining && !lane.isRevoked()) {
                left = floor.room.changed.awaitNanos(left);
                capacity = readCapacity(lane);
            }
            return capacity;
        } finally {
            floor.lock.unlock();
        }
    }

    public int limit() {
        floor.lock.lock();
        try {
            return floor.room.limit;
        } finally {
            floor.lock.unlock();
        }
    }

    /** Changes how many deliveries may be held. */
    public void limit(int deliveries) {
        change(() -> floor.room.limit = deliveries);
    }

    /** Changes how many handlers may run. */
    public void concurrency(int handlers) {
        change(() -> floor.crew.concurrency = handlers);
    }

    /** Pauses or resumes for a reason. */
    public void pause(String reason, boolean paused) {
        change(() -> {
            if (paused) {
                floor.room.pauses.add(reason);
            } else {
                floor.room.pauses.remove(reason);
            }
        });
    }

    /** Takes the pauses of an earlier run over. */
    public void pause(Collection<String> reasons) {
        reasons.forEach(reason -> pause(reason, true));
    }

    public Set<String> pauses() {
        floor.lock.lock();
        try {
            return Set.copyOf(floor.room.pauses);
        } finally {
            floor.lock.unlock();
        }
    }

    private void change(Runnable change) {
        Due<R> due;
        floor.lock.lock();
        try {
            change.run();
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
    }
}
