package io.lastcall.rabbit;

import java.util.BitSet;

/**
 * Which tags of one channel have been told to the broker, and up to which all have: only there may one acknowledgement speak for many.
 * Owner thread only.
 */
final class TagPrefix {

    private static final int KEPT = 4096;

    // All owner thread: bit i stands for the tag base + i; tags begin at 1.
    private BitSet told = new BitSet();
    private long base = 1;

    void add(long tag) {
        told.set(Math.toIntExact(tag - base));
    }

    /** The highest tag up to which all were added, 0 when the first was not. */
    long end() {
        int gap = told.nextClearBit(0);
        if (gap >= KEPT) {
            told = told.get(gap, Math.max(gap, told.length()));
            base += gap;
            gap = 0;
        }
        return base + gap - 1;
    }
}
