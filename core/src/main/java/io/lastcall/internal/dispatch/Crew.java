package io.lastcall.internal.dispatch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The workers of a floor and the slots they hold, and whether one more is worth waking: brief handlers have their time from the
 * processors, so that a worker beyond those only takes the lock from the others. Not thread-safe: guarded by the floor's lock.
 */
final class Crew<R> {

    /** All workers there ever were, at most as many as the concurrency ever was. */
    final List<Worker<R>> all = new ArrayList<>();

    private final ArrayDeque<Worker<R>> idle = new ArrayDeque<>();
    private final int processors;
    int concurrency;
    /** Slots in use: one for each busy worker, each unfinished asynchronous handler, each adopted orphan. */
    int slots;
    /** How many runs were taken. */
    long runs;
    /** Work waits and those at work stand still: whatever the pace was, one more is wanted. */
    boolean pressed;

    Crew(int concurrency, int processors) {
        this.concurrency = concurrency;
        this.processors = processors;
    }

    boolean hasSlot() {
        return slots < concurrency;
    }

    /** Whether a worker of those with work would get less done than the lock costs it. */
    boolean suffices(Pace pace) {
        return pace.isBrief() && !pressed && all.size() - idle.size() >= processors;
    }

    /** An idle worker, which now has a slot; null when a new one has to be made. */
    @Nullable
    Worker<R> wake() {
        slots++;
        return idle.poll();
    }

    /** Whether the worker still has a slot, or has one again for the one that went with an asynchronous handler. */
    boolean keeps(Worker<R> worker) {
        if (!worker.slotGone) {
            return slots <= concurrency;
        }
        if (hasSlot()) {
            slots++;
            worker.slotGone = false;
        }
        return !worker.slotGone;
    }

    void dismiss(Worker<R> worker) {
        if (!worker.slotGone) {
            slots--;
        }
        worker.slotGone = false;
        idle.push(worker);
    }
}
