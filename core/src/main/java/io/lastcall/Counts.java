package io.lastcall;

/**
 * What became of deliveries, each counted once. Immutable.
 *
 * @param received offered by the source and taken
 * @param accepted handled well, confirmed by the broker
 * @param retried given to the broker to be tried again
 * @param rejected given up: in the dead letters, or dropped where that was allowed
 * @param released given back untouched
 * @param revoked taken back by the broker, with its lane or its lease
 * @param unconfirmed told to the broker, never answered
 * @param abandoned still running when the time was over
 */
public record Counts(
        long received,
        long accepted,
        long retried,
        long rejected,
        long released,
        long revoked,
        long unconfirmed,
        long abandoned) {

    /** Nothing. */
    public static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0);

    /**
     * All that has ended.
     *
     * @return the sum of the seven fates
     */
    public long ended() {
        return accepted + retried + rejected + released + revoked + unconfirmed + abandoned;
    }

    /**
     * The sum of two.
     *
     * @param other the other counts
     * @return new counts
     */
    public Counts plus(Counts other) {
        return new Counts(
                received + other.received,
                accepted + other.accepted,
                retried + other.retried,
                rejected + other.rejected,
                released + other.released,
                revoked + other.revoked,
                unconfirmed + other.unconfirmed,
                abandoned + other.abandoned);
    }
}
