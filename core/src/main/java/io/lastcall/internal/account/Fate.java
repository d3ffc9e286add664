package io.lastcall.internal.account;

/** What the broker was told of a delivery, and what it said: the second of its two coordinates. */
public enum Fate {
    /** Ours, undecided. */
    HELD,
    /** Told, not answered. */
    SETTLING,
    ACCEPTED,
    RETRIED,
    REJECTED,
    RELEASED,
    /** Told, and nobody knows. */
    UNCONFIRMED,
    /** Taken back by the broker, or refused by it. */
    REVOKED,
    /** Time was over. */
    ABANDONED;

    /** The legal moves (I2); all but the first two are final (I6). */
    public boolean mayBecome(Fate next) {
        return switch (this) {
            case HELD -> next == SETTLING || next == REVOKED || next == ABANDONED;
            case SETTLING -> next != HELD && next != SETTLING && next != ABANDONED;
            default -> false;
        };
    }
}
