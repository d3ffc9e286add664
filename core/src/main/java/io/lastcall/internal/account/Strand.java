package io.lastcall.internal.account;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What must run one at a time, and what waits in it. Exists only while something of it is held. Not thread-safe: guarded by the
 * floor's lock.
 */
public final class Strand<R> {

    /** Null for a strand without order, and for a pooled one. */
    public @Nullable Object key;

    public int hash;
    /** Whether at most one invocation of it is under way (I7). */
    public boolean exclusive;
    /** Entries picked and not ended, in back-off, orphaned, or (where keys are held) not yet answered. */
    public int pins;
    /** Chain of the table. */
    public @Nullable Strand<R> chained;
    /** Neighbours in the ready list; both null when not in it or alone in it. */
    public @Nullable Strand<R> readyBefore;

    public @Nullable Strand<R> readyAfter;
    public boolean ready;
    private boolean byPriority;
    private @Nullable Entry<R> first;
    private @Nullable Entry<R> last;

    public @Nullable Entry<R> first() {
        return first;
    }

    public boolean isEmpty() {
        return first == null;
    }

    /** Whether something of it may start. */
    public boolean isStartable() {
        return first != null && (pins == 0 || !exclusive);
    }

    /** From now on the highest priority goes first, those of equal priority as they came. Only for a strand without order. */
    public void orderByPriority() {
        if (byPriority) {
            return;
        }
        byPriority = true;
        List<Entry<R>> all = new ArrayList<>();
        while (first != null) {
            all.add(removeFirst());
        }
        all.sort(Comparator.<Entry<R>>comparingInt(it -> it.priority).reversed());
        all.forEach(this::append);
    }

    public void append(Entry<R> entry) {
        if (byPriority && last != null && entry.priority > last.priority) {
            insert(entry, it -> it.priority >= entry.priority);
            return;
        }
        if (last == null) {
            first = entry;
        } else {
            last.next = entry;
        }
        last = entry;
    }

    /** Puts it behind all at the head of which this is true, which is not true of the last. */
    private void insert(Entry<R> entry, Predicate<Entry<R>> goesBefore) {
        Entry<R> before = null;
        Entry<R> after = first;
        while (after != null && goesBefore.test(after)) {
            before = after;
            after = after.next;
        }
        entry.next = after;
        if (before == null) {
            first = entry;
        } else {
            before.next = entry;
        }
    }

    /** Puts back what was taken out last. */
    public void prepend(Entry<R> entry) {
        if (byPriority && first != null && first.priority > entry.priority) {
            if (last != null && last.priority > entry.priority) {
                append(entry);
            } else {
                insert(entry, it -> it.priority > entry.priority);
            }
            return;
        }
        entry.next = first;
        first = entry;
        if (last == null) {
            last = entry;
        }
    }

    public Entry<R> removeFirst() {
        Entry<R> entry = first;
        if (entry == null) {
            throw new AssertionError("empty strand");
        }
        first = entry.next;
        if (first == null) {
            last = null;
        }
        entry.next = null;
        return entry;
    }

    /** Unlinks all that is no longer queued, so that nothing dead waits behind an orphan. */
    public void sweep() {
        Entry<R> entry = first;
        first = null;
        last = null;
        while (entry != null) {
            Entry<R> next = entry.next;
            entry.next = null;
            if (entry.execution().notStarted() && entry.fate() == Fate.HELD) {
                append(entry);
            }
            entry = next;
        }
    }

    /** The highest priority it holds. */
    public int priority() {
        if (byPriority && first != null) {
            return first.priority;
        }
        int highest = Integer.MIN_VALUE;
        for (Entry<R> entry = first; entry != null; entry = entry.next) {
            highest = Math.max(highest, entry.priority);
        }
        return highest;
    }
}
