package io.lastcall.internal.account;

import io.lastcall.Counts;

/** Monotone counts of deliveries and what is held of them, for one lane or in sum. Not thread-safe: guarded by the floor's lock. */
@SuppressWarnings("EnumOrdinal") // an index into our own array, which never leaves this object
public final class Tally {

    private static final int FATES = Fate.values().length;

    private final long[] ended = new long[FATES];
    private long received;
    private int held;
    private int settling;

    void enter() {
        received++;
        held++;
    }

    void move(Fate from, Fate to) {
        if (from == Fate.HELD) {
            held--;
        } else {
            settling--;
        }
        if (to == Fate.SETTLING) {
            settling++;
        } else {
            ended[to.ordinal()]++;
        }
    }

    /** Not yet told to the broker. */
    public int held() {
        return held;
    }

    /** Told and not answered. */
    public int settling() {
        return settling;
    }

    /** What became of them. */
    public Counts counts() {
        return new Counts(
                received,
                of(Fate.ACCEPTED),
                of(Fate.RETRIED),
                of(Fate.REJECTED),
                of(Fate.RELEASED),
                of(Fate.REVOKED),
                of(Fate.UNCONFIRMED),
                of(Fate.ABANDONED));
    }

    /** I1: received = held + ended. */
    public boolean addsUp() {
        return received == held + settling + counts().ended();
    }

    private long of(Fate fate) {
        return ended[fate.ordinal()];
    }
}
