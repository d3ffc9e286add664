package io.lastcall.spi;

/** The broker's answer to the extension of one lease. */
public enum Extension {
    /** Ours for another lease. */
    EXTENDED,
    /** No longer ours: its handler is told, and nothing is settled. */
    LAPSED,
    /** No answer: ours until the broker says otherwise. */
    UNKNOWN
}
