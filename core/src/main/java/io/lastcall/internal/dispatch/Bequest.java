package io.lastcall.internal.dispatch;

import org.jspecify.annotations.Nullable;

/** What a closed run leaves to the next: a handler that has not returned. Immutable, told apart by identity. */
final class Bequest {

    /** Its strand, null for one without order. */
    private final @Nullable Object key;

    private final boolean slot;

    Bequest(@Nullable Object key, boolean slot) {
        this.key = key;
        this.slot = slot;
    }

    @Nullable
    Object key() {
        return key;
    }

    /** How many slots it holds. */
    int slots() {
        return slot ? 1 : 0;
    }
}
