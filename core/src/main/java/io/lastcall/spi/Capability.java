package io.lastcall.spi;

/** What a broker can do. */
public enum Capability {
    /** A retry or release makes the broker hand the message out again while we go on. */
    REDELIVERY,
    /** The broker can wait before it hands the message out again. */
    DELAYED_REDELIVERY,
    /** The broker counts deliveries, see {@code Message.attempt()}. */
    ATTEMPT_COUNT,
    /** A rejection goes to the broker's own dead letters. */
    DEAD_LETTER,
    /** Deliveries are lent for a time that can be extended. */
    LEASE,
    /** Settlements and what was produced can be one transaction. */
    TRANSACTION
}
