package io.lastcall.internal.dispatch;

import io.lastcall.internal.account.Strand;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The strands that hold something, by key: an intrusive hash table whose strands are pooled, so that a million keys cost no entry
 * for ever. Byte arrays are compared by content. Not thread-safe: guarded by the floor's lock.
 */
final class Strands<R> {

    private static final int SMALLEST = 64;
    private static final int POOLED = 1024;

    @SuppressWarnings({"unchecked", "rawtypes"}) // generic arrays cannot be made
    private @Nullable Strand<R>[] table = new Strand[SMALLEST];

    private int size;
    private @Nullable Strand<R> pool;
    private int pooled;

    /** The strand of the key, made where there is none. */
    Strand<R> of(Object key, int hash) {
        int slot = hash & (table.length - 1);
        for (Strand<R> strand = table[slot]; strand != null; strand = strand.chained) {
            if (strand.hash == hash && same(strand.key, key)) {
                return strand;
            }
        }
        if (size >= table.length) {
            grow();
            slot = hash & (table.length - 1);
        }
        Strand<R> strand = fresh();
        strand.key = key;
        strand.hash = hash;
        strand.exclusive = true;
        strand.chained = table[slot];
        table[slot] = strand;
        size++;
        return strand;
    }

    /** Forgets a strand that holds nothing any more. */
    void remove(Strand<R> strand) {
        int slot = strand.hash & (table.length - 1);
        Strand<R> before = null;
        for (Strand<R> it = table[slot]; it != strand; it = it.chained) {
            if (it == null) {
                throw new AssertionError("strand is not in the table");
            }
            before = it;
        }
        if (before == null) {
            table[slot] = strand.chained;
        } else {
            before.chained = strand.chained;
        }
        size--;
        strand.key = null;
        if (pooled < POOLED) {
            strand.chained = pool;
            pool = strand;
            pooled++;
        } else {
            strand.chained = null;
        }
    }

    int size() {
        return size;
    }

    private Strand<R> fresh() {
        Strand<R> strand = pool;
        if (strand == null) {
            return new Strand<>();
        }
        pool = strand.chained;
        pooled--;
        return strand;
    }

    private void grow() {
        @Nullable Strand<R>[] old = table;
        @SuppressWarnings({"unchecked", "rawtypes"}) // generic arrays cannot be made
        @Nullable
        Strand<R>[] wider = new Strand[old.length * 2];
        for (Strand<R> strand : old) {
            while (strand != null) {
                Strand<R> next = strand.chained;
                int slot = strand.hash & (wider.length - 1);
                strand.chained = wider[slot];
                wider[slot] = strand;
                strand = next;
            }
        }
        table = wider;
    }

    /** The hash of a key, null for none. The key is the user's object: not under the lock. */
    static int hash(@Nullable Object key) {
        if (key == null) {
            return 0;
        }
        int hash = key instanceof byte[] bytes ? Arrays.hashCode(bytes) : key.hashCode();
        return hash ^ (hash >>> 16);
    }

    private static boolean same(@Nullable Object one, Object other) {
        if (one instanceof byte[] a && other instanceof byte[] b) {
            return Arrays.equals(a, b);
        }
        return other.equals(one);
    }
}
