package io.lastcall;

/**
 * Where a consumer stands. Stored, never derived; moves only forward, except that a closed consumer may be started again.
 *
 * <pre>NEW -&gt; RUNNING -&gt; STOPPING_RECEIVE -&gt; FINISHING -&gt; CLOSING -&gt; CLOSED</pre>
 */
public enum ConsumerState {
    /** Built, not started. */
    NEW,
    /** Receiving and handling. */
    RUNNING,
    /** Drain, phase one: the source was asked to stop and has not yet confirmed. */
    STOPPING_RECEIVE,
    /** Drain, phase two: what is held is finished or given back. */
    FINISHING,
    /** Nothing is held any more, or the time is over: settlements are flushed, the source is closed. */
    CLOSING,
    /** Over; the report is there. */
    CLOSED;

    /**
     * The legal moves.
     *
     * @param next the state to come
     * @return whether this state may be followed by it
     */
    public boolean mayBecome(ConsumerState next) {
        return switch (this) {
            case NEW -> next == RUNNING || next == CLOSED;
            case RUNNING -> next == STOPPING_RECEIVE;
            case STOPPING_RECEIVE -> next == FINISHING;
            case FINISHING -> next == CLOSING;
            case CLOSING -> next == CLOSED;
            case CLOSED -> false;
        };
    }
}
