package io.lastcall.internal.account;

/** Where the handling of a delivery stands: the first of its two coordinates. */
public enum Execution {
    /** Waits for its turn. */
    QUEUED,
    /** Asks for a claim or a permit; holds no thread and no slot; counts as not started. */
    ADMITTING,
    /** With its handler. */
    RUNNING,
    /** In back-off before the next try; counts as not started. */
    WAITING,
    /** The handler has ended; its outcome is being decided and made to hold, as by writing a dead letter. */
    CONCLUDING,
    /** Nothing of ours runs for it any more. */
    DONE;

    /** The legal moves (I2). */
    public boolean mayBecome(Execution next) {
        return switch (this) {
            case QUEUED -> next == ADMITTING || next == RUNNING || next == DONE;
            case ADMITTING -> next == RUNNING || next == QUEUED || next == CONCLUDING || next == DONE;
            case RUNNING -> next == CONCLUDING;
            case WAITING -> next == QUEUED || next == DONE;
            case CONCLUDING -> next == WAITING || next == DONE;
            case DONE -> false;
        };
    }

    /** Whether the handler has not begun, or has to begin again. */
    public boolean notStarted() {
        return this == QUEUED || this == ADMITTING || this == WAITING;
    }
}
