package io.lastcall.kafka;

import java.util.Arrays;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Which polled offsets of one partition are done, and up to where that allows a commit. The committable offset is that of the first
 * polled record that is not done; offsets that were never polled (transaction markers, compaction) leave no gap. Poll thread only.
 *
 * @param <S> what is handed back for each record once a commit can cover it
 */
final class OffsetLedger<S> {

    /** Marks a record that was given back: it is never done, and nothing behind it can be covered. */
    private static final Object RELEASED = new Object();

    /** Marks a record that was done when it was polled; there is nobody to tell. */
    private static final Object BEFORE = new Object();

    /** The committable offset while nothing has been polled. */
    static final long NONE = -1;

    // All fields: poll thread only. A ring of the polled records that are not covered; its length is a power of two.
    private long[] offsets = new long[64];
    private @Nullable Object[] marks = new @Nullable Object[64];
    private int head;
    private int size;
    private int firstTicket;
    private long next = NONE;
    private boolean cut;

    OffsetLedger() {
        this(0);
    }

    /** For tests: tickets wrap around after four thousand million records. */
    OffsetLedger(int firstTicket) {
        this.firstTicket = firstTicket;
    }

    /**
     * Takes down a polled record.
     *
     * @param offset above all that were taken down before
     * @return its ticket, one more than that of the record before; wraps around
     */
    int polled(long offset) {
        if (size == offsets.length) {
            grow();
        }
        int slot = slot(size);
        offsets[slot] = offset;
        marks[slot] = null;
        next = offset + 1; // at least: an interceptor of the client may keep the true one from us
        return firstTicket + size++;
    }

    /** Takes down from where the client fetches next, past what it did not hand out. */
    void fetchesNext(long offset) {
        if (!cut) {
            next = offset;
        }
    }

    /** Forgets the record of this ticket and all behind it, which were polled but are not ours to settle; no more may come. */
    void cutFrom(int ticket) {
        int keep = ticket - firstTicket;
        next = offsets[slot(keep)];
        cut = true;
        while (size > keep) {
            marks[slot(--size)] = null;
        }
    }

    /** The record of this ticket is done. */
    void done(int ticket, S settlement) {
        mark(ticket, settlement);
    }

    /** The record of this ticket was given back. */
    void released(int ticket) {
        mark(ticket, RELEASED);
    }

    /** Moves what the committable offset has passed to {@code into}. */
    void takeCovered(Collection<? super S> into) {
        while (size > 0) {
            Object mark = marks[head];
            if (mark == null || mark == RELEASED) {
                return;
            }
            if (mark != BEFORE) {
                into.add(settlement(mark));
            }
            marks[head] = null;
            head = (head + 1) & (offsets.length - 1);
            size--;
            firstTicket++;
        }
    }

    /** Moves what is done behind a record that is not to {@code into}; for when no commit will follow. */
    void takeBeyond(Collection<? super S> into) {
        for (int i = 0; i < size; i++) {
            Object mark = marks[slot(i)];
            if (mark != null && mark != RELEASED && mark != BEFORE) {
                into.add(settlement(mark));
                marks[slot(i)] = RELEASED;
            }
        }
    }

    /** The record of this ticket was done before it came to us. */
    void doneBefore(int ticket) {
        mark(ticket, BEFORE);
    }

    /** Adds what is done behind a record that is not; what lies between two polled records that are done is nothing. */
    void addBeyond(DoneBeyond.Writer writer) {
        for (int i = 0; i < size; i++) {
            Object mark = marks[slot(i)];
            if (mark == null || mark == RELEASED) {
                continue;
            }
            int first = i;
            while (i + 1 < size && marks[slot(i + 1)] != null && marks[slot(i + 1)] != RELEASED) {
                i++;
            }
            writer.add(offsets[slot(first)], offsets[slot(i)]);
        }
    }

    /** The first offset that was not polled, {@link #NONE} when unknown. */
    long next() {
        return next;
    }

    /** The offset to commit once {@link #takeCovered} was called: the first one that is not done, {@link #NONE} when unknown. */
    long committable() {
        return size > 0 ? offsets[head] : next;
    }

    /** How many polled records no commit can cover yet, done ones behind a gap among them. */
    int size() {
        return size;
    }

    private void mark(int ticket, Object mark) {
        int index = ticket - firstTicket;
        if (index < 0 || index >= size || marks[slot(index)] != null) {
            throw new IllegalStateException(
                    "ticket " + ticket + " is not open, first=" + firstTicket + " size=" + size);
        }
        marks[slot(index)] = mark;
    }

    private int slot(int index) {
        return (head + index) & (offsets.length - 1);
    }

    @SuppressWarnings("unchecked") // only done() stores others than RELEASED and BEFORE
    private S settlement(Object mark) {
        return (S) mark;
    }

    private void grow() {
        long[] moreOffsets = Arrays.copyOf(offsets, 2 * size);
        @Nullable Object[] moreMarks = new @Nullable Object[2 * size];
        for (int i = 0; i < size; i++) {
            moreOffsets[i] = offsets[slot(i)];
            moreMarks[i] = marks[slot(i)];
        }
        offsets = moreOffsets;
        marks = moreMarks;
        head = 0;
    }
}
