package io.lastcall.internal.dispatch;

import io.lastcall.internal.account.LaneBook;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;

/**
 * How much more may come in, and who waits to hear of it. Not thread-safe: guarded by the floor's lock.
 *
 * <ul>
 *   <li><b>I11</b> a read of no capacity arms the signal of the lane; it fires once, when there is room again.
 * </ul>
 */
final class Room<R> {

    private final Floor<R> floor;
    /** Signalled when the capacity signal fires and when receiving is to stop. */
    final Condition changed;

    final Set<String> pauses = new LinkedHashSet<>();
    /** How many deliveries may be held. */
    int limit;
    /** Offers are taken. */
    boolean accepting = true;

    private int armedLanes;

    Room(Floor<R> floor, int limit) {
        this.floor = floor;
        this.limit = limit;
        this.changed = floor.lock.newCondition();
    }

    /** What deliveries in back-off may hold (I10). */
    int half() {
        return Math.max(1, limit / 2);
    }

    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    private int capacity() {
        return floor.draining || !accepting || !pauses.isEmpty() ? 0 : limit - floor.sum.held();
    }

    int capacity(LaneBook<R> lane) {
        if (lane.isRevoked()) {
            return 0;
        }
        int bound = lane.rules.bound() - lane.tally.held() - lane.tally.settling();
        return Math.min(capacity(), bound);
    }

    void arm(LaneBook<R> lane) {
        if (!lane.armed) {
            lane.armed = true;
            armedLanes++;
        }
    }

    /** Past the low-water mark, or with room at all when workers have nothing to start. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    boolean isToBeSignalled() {
        if (armedLanes == 0) {
            return false;
        }
        int room = capacity();
        if (room <= 0 || (room < Math.max(1, limit / 4) && !floor.ready.isEmpty())) {
            return false;
        }
        for (LaneBook<R> lane : floor.lanes) {
            if (lane.armed && capacity(lane) > 0) {
                return true;
            }
        }
        return false;
    }

    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void disarm() {
        for (LaneBook<R> lane : floor.lanes) {
            lane.armed = false;
        }
        armedLanes = 0;
        changed.signalAll();
    }
}
