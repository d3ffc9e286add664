package io.lastcall.internal.dispatch;

import io.lastcall.internal.account.Strand;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The strands that may start, first come first served; in a drain by priority, the highest priority first. An intrusive list, so
 * that a strand leaves it in constant time. Not thread-safe: guarded by the floor's lock.
 */
final class Ready<R> {

    /** A strand and the priority it had when it became ready. */
    private record Ranked<R>(Strand<R> strand, int priority, long turn) {}

    private @Nullable Strand<R> first;
    private @Nullable Strand<R> last;
    /** Null until a drain by priority begins. */
    private @Nullable PriorityQueue<Ranked<R>> ranked;

    private long turns;

    boolean isEmpty() {
        return first == null;
    }

    void addLast(Strand<R> strand) {
        strand.ready = true;
        strand.readyBefore = last;
        strand.readyAfter = null;
        if (last == null) {
            first = strand;
        } else {
            last.readyAfter = strand;
        }
        last = strand;
        rank(strand);
    }

    void remove(Strand<R> strand) {
        Strand<R> before = strand.readyBefore;
        Strand<R> after = strand.readyAfter;
        if (before == null) {
            first = after;
        } else {
            before.readyAfter = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.readyBefore = before;
        }
        strand.readyBefore = null;
        strand.readyAfter = null;
        strand.ready = false;
    }

    /** Takes out the next strand to start, null where there is none. */
    @Nullable
    Strand<R> poll() {
        if (ranked != null) {
            for (Ranked<R> best = ranked.poll(); best != null; best = ranked.poll()) {
                // One that left the list since, or came back with another rank, is stale.
                if (best.strand.ready && best.strand.priority() == best.priority) {
                    remove(best.strand);
                    return best.strand;
                }
                if (best.strand.ready) {
                    rank(best.strand);
                }
            }
        }
        Strand<R> strand = first;
        if (strand != null) {
            remove(strand);
        }
        return strand;
    }

    /** From now on the highest priority goes first; equal ones keep their order. */
    void orderByPriority() {
        if (ranked != null) {
            return;
        }
        ranked = new PriorityQueue<>(
                Comparator.<Ranked<R>>comparingInt(Ranked::priority).reversed().thenComparingLong(Ranked::turn));
        for (Strand<R> strand = first; strand != null; strand = strand.readyAfter) {
            rank(strand);
        }
    }

    /** A strand in the list holds something more. */
    void grown(Strand<R> strand) {
        if (ranked != null && strand.ready) {
            rank(strand);
        }
    }

    boolean isByPriority() {
        return ranked != null;
    }

    private void rank(Strand<R> strand) {
        if (ranked != null) {
            ranked.add(new Ranked<>(strand, strand.priority(), turns++));
        }
    }
}
