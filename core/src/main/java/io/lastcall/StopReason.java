package io.lastcall;

/** Why a handler is asked to end. */
public enum StopReason {
    /** The drain's time for handlers is over. */
    DRAIN_DEADLINE,
    /** A drain in mode {@link DrainMode#STOP_NOW} began. */
    STOP_NOW,
    /** The broker has taken the lane away; another consumer may handle this message again. */
    LANE_REVOKED,
    /** The lease of this message ran out; another consumer may handle it again. */
    LEASE_LOST
}
