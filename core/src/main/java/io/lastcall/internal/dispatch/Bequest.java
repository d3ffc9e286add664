package io.lastcall.internal.dispatch;

import io.lastcall.internal.account.Strand;
import org.jspecify.annotations.Nullable;

/** What a closed run leaves to the next: a handler that has not returned. Immutable, told apart by identity. */
final class Bequest {

    /** Its strand, null for one without order. */
    private final @Nullable Object key;

    private final int hash;
    private final boolean slot;

    private Bequest(@Nullable Object key, int hash, boolean slot) {
        this.key = key;
        this.hash = hash;
        this.slot = slot;
    }

    static Bequest of(Strand<?> strand, boolean slot) {
        return new Bequest(strand.key, strand.hash, slot);
    }

    int hash() {
        return hash;
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
