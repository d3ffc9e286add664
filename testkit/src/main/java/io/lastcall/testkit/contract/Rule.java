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
    NO_LEAKS(false),
    /** A drain with nothing to do is clean, and counts nothing. */
    IDLE_DRAIN(false),
    /** T12: a drain never works off the backlog: what has not been received stays with the broker. */
    BACKLOG_LEFT(false),
    /** A pause keeps the place: what is published during it is handled after it. */
    RESUME_GOES_ON(false),
    /** A paused consumer drains like another, and what it did not take is handed to the next. */
    DRAIN_WHILE_PAUSED(false),
    /** H16: a second drain of the same consumer is the same drain, with the same report. */
    SECOND_DRAIN_JOINS(false),
    /** H16: a second request with an earlier deadline moves the drain's deadline forward. */
    EARLIER_DEADLINE_WINS(false),
    /** H16: a second request with a harder mode makes the drain harder. */
    HARDER_MODE_WINS(false),
    /** A handler may begin a drain; waiting for it there is refused instead of hanging. */
    DRAIN_FROM_HANDLER(false),
    /** What is held and fits into the time is finished, whether it has started or not. */
    FINISH_UNTIL_DEADLINE(false),
    /** A full drain finishes all that is held. */
    FINISH_ALL(false),
    /** A hard drain tells handlers at once and gives everything back. */
    STOP_NOW(false),
    /** H5: a handler that can be interrupted is, at the deadline; its message is handed out again. */
    INTERRUPT_AT_DEADLINE(false),
    /** T13: what waits to be tried again never holds a drain; it is given back, with its delay where the broker can wait. */
    BACK_OFF_NEVER_HOLDS(false),
    /** What a handler releases is handed out again. */
    RELEASE_BY_HANDLER(false),
    /** A message that always fails is tried as often as it may be, then rejected; the others go on. */
    POISON(false),
    /** H8: while a message of a key is tried again, no later one of the key is started. */
    RETRY_KEEPS_ORDER(false),
    /** A rejected message is settled only after its dead letter is written. */
    DEAD_LETTER_FIRST(false),
    /** A rejected message whose letter cannot be written is not lost: it is handed out again. */
    DEAD_LETTER_FAILS(false),
    /** A message without a body is a message. */
    EMPTY_BODY(true),
    /** The largest body that the broker takes arrives whole. */
    LARGE_BODY(false),
    /** Bodies are bytes: none is changed on the way. */
    BINARY_BODY(true),
    /** Headers arrive as they were sent: bytes as bytes, repeated ones each, in order. */
    HEADERS(false),
    /** Text beyond ASCII arrives as it was sent. */
    UNICODE(false),
    /** As many handlers as allowed run at once, and never more. */
    CONCURRENCY_KEPT(false),
    /** The concurrency can be changed while the consumer runs. */
    CONCURRENCY_CHANGES(false),
    /** How many deliveries may be held can be changed while the consumer runs; nothing stands still. */
    LIMIT_CHANGES(false),
    /** A small limit slows down and loses nothing. */
    SMALL_LIMIT(false),
    /** Two consumers share a subscription: when one drains, the other takes over, and nothing is handled twice. */
    SHARED_SUBSCRIPTION(false),
    /** A consumer that was drained can be started again, on a fresh source. */
    RESTART(false),
    /** One consumer after another, each drained: nothing is handled twice, nothing is left out. */
    ROLLING_RESTARTS(false),
    /** H5: when the broker has gone before the drain, it returns by its deadline. */
    BROKER_GONE_BEFORE_DRAIN(true),
    /** H5: a consumer that never reached its broker drains by its deadline. */
    BROKER_GONE_AT_START(true),
    /** A broker that comes back is consumed from again, by the same consumer. */
    RECONNECT(true),
    /** A lease is kept while a handler works through a drain that lasts longer than it: nobody else gets the message. */
    LEASE_KEPT(false),
    /** Random messages, settings, outcomes, moments and modes, round after round: sums, rules and messages add up. */
    RANDOM_SCHEDULES(false);

    private final boolean optional;

    Rule(boolean optional) {
        this.optional = optional;
    }

    /**
     * Whether the rule is about what a broker may not have: a connection that can be lost, bodies that are empty or any bytes. Only
     * such rules may stand in a table of {@link Exemptions}.
     *
     * @return true for those
     */
    public boolean isOptional() {
        return optional;
    }
}
