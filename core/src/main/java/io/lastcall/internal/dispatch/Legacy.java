package io.lastcall.internal.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Execution;
import io.lastcall.internal.account.Strand;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a closed run leaves behind, and what this one has taken over: handlers that still run keep their slot and their key in the next
 * run, and in the one after it (I7). Locks run from the older floor to the newer.
 */
final class Legacy<R> {

    private final Floor<R> floor;
    /** Takes over; null until there is one. */
    @GuardedBy("floor.lock")
    private @Nullable Legacy<R> heir;
    /** What the heir makes room for. */
    @GuardedBy("floor.lock")
    private final Map<Entry<R>, Bequest> left = new LinkedHashMap<>();
    /** What this floor makes room for, and has to pass on. */
    @GuardedBy("floor.lock")
    private final List<Bequest> taken = new ArrayList<>();

    Legacy(Floor<R> floor) {
        this.floor = floor;
    }

    /** Leaves what still runs here to the next run: its slots and keys are taken until it ends. */
    void bequeath(Legacy<R> next) {
        floor.lock.lock();
        try {
            heir = next;
            for (Worker<R> worker : floor.crew.all) {
                Entry<R> current = worker.busy ? worker.current() : null;
                if (current != null) {
                    left.put(current, Bequest.of(floor.strandOf(current), true));
                }
            }
            for (Entry<R> entry : floor.afoot.keySet()) {
                boolean slot = entry.execution() == Execution.RUNNING;
                left.put(entry, Bequest.of(floor.strandOf(entry), slot));
            }
            List<Bequest> all = new ArrayList<>(left.values());
            all.addAll(taken);
            next.adopt(all);
        } finally {
            floor.lock.unlock();
        }
    }

    private void adopt(List<Bequest> bequests) {
        floor.lock.lock();
        try {
            for (Bequest bequest : bequests) {
                taken.add(bequest);
                floor.crew.slots += bequest.slots();
                floor.strandFor(bequest.key(), bequest.hash()).pins++;
            }
        } finally {
            floor.lock.unlock();
        }
    }

    /** Nothing of ours runs for the entry any more: the heir has its slot and key back. */
    @SuppressWarnings("GuardedBy") // another class calls it under the lock, which the checker cannot follow
    void ended(Entry<R> entry) {
        floor.mustHold();
        Legacy<R> next = heir;
        if (next == null) {
            return;
        }
        Bequest bequest = left.remove(entry);
        if (bequest != null) {
            floor.host.work(() -> next.disown(bequest));
        }
    }

    private void disown(Bequest bequest) {
        Due<R> due;
        Legacy<R> next;
        floor.lock.lock();
        try {
            next = heir;
            taken.remove(bequest);
            floor.crew.slots -= bequest.slots();
            Strand<R> strand = floor.strandFor(bequest.key(), bequest.hash());
            strand.pins--;
            floor.tidy(strand);
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
        if (next != null) {
            next.disown(bequest);
        }
    }
}
