package io.lastcall.testkit.contract;

/** The rules of the contract, one case each. */
public enum Rule {
    /** S3: the source confirms that it has stopped, and closes, within the drain's time. */
    STOP_CONFIRMED(false),
    /** S2: nothing is offered, and no lane opened, after the stop was confirmed. */
    NOTHING_AFTER_THE_STOP(false),
    /** H3: a delivery on its way when the stop is asked for is counted and settled; the stop is not confirmed before it. */
    WIRE_COUNTED(false),
    /** S7, H7: what has not started is given back, is handed out again, and was never started here. */
    RELEASE_OF_UNSTARTED(false),
    /** What has started is finished, undisturbed, and settled, before the drain returns. */
    FINISH_OF_STARTED(false),
    /** H5: with a handler that never ends, the drain returns by its deadline and names it; its message is handed out again. */
    DEADLINE_WITH_STUCK_HANDLER(false),
    /** S4, S5: each delivery is settled once and answered once, whatever its outcome. */
    SETTLE_ONCE(false),
    /** H6: a settlement that the broker never took is reported as unconfirmed or revoked, never as accepted. */
    SETTLE_FAILURE_REPORTED(true),
    /** H8: of one key one handler at a time, in the order offered, with more handlers at work than the broker has lanes. */
    KEY_ORDER_BEYOND_LANES(false),
    /** H5: when the broker goes away during the drain, it returns by its deadline, and the report says what is unconfirmed. */
    BROKER_GONE_DURING_DRAIN(true),
    /** H16: a drain that races the start ends both, round after round. */
    DRAIN_RACING_START(false),
    /** H17: no thread of the consumer or of its client is left after close, but those of abandoned handlers, which are named. */
    NO_LEAKS(false);

    private final boolean needsConnection;

    Rule(boolean needsConnection) {
        this.needsConnection = needsConnection;
    }

    /**
     * Whether the rule is about a connection that can be lost. Only such rules may be declared not to apply, by a source that has
     * none.
     *
     * @return true for those
     */
    public boolean needsConnection() {
        return needsConnection;
    }
}
