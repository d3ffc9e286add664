package io.lastcall.memory;

import org.jspecify.annotations.Nullable;

/** What one reception holds, in the order it was taken, linked through the messages themselves. Guarded by the stock's lock. */
final class HeldList {

    // Guarded by the stock's lock.
    private @Nullable MemoryMessage first;
    private @Nullable MemoryMessage last;

    @Nullable
    MemoryMessage first() {
        return first;
    }

    void add(MemoryMessage message, Reception holder) {
        MemoryMessage end = last;
        message.holder = holder;
        message.before = end;
        if (end == null) {
            first = message;
        } else {
            end.after = message;
        }
        last = message;
    }

    void remove(MemoryMessage message) {
        MemoryMessage before = message.before;
        MemoryMessage after = message.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        message.before = null;
        message.after = null;
        message.holder = null;
    }
}
