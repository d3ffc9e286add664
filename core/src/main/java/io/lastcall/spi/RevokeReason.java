package io.lastcall.spi;

/** How a lane was taken away. */
public enum RevokeReason {
    /** In order: what is running may still finish and be settled until {@link Revocation#fence()}. */
    REASSIGNED,
    /** Gone already, another may own it: nothing can be settled any more, the fence is immediate. */
    LOST
}
