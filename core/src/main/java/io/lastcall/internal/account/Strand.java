package io.lastcall.internal.account;

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

    public void append(Entry<R> entry) {
        if (last == null) {
            first = entry;
        } else {
            last.next = entry;
        }
        last = entry;
    }

    public void prepend(Entry<R> entry) {
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
        int highest = Integer.MIN_VALUE;
        for (Entry<R> entry = first; entry != null; entry = entry.next) {
            highest = Math.max(highest, entry.priority);
        }
        return highest;
    }
}
