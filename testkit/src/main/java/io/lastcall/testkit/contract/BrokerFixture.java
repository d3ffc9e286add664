package io.lastcall.testkit.contract;

import java.time.Duration;

/**
 * A running broker, as {@link SourceContract} needs it. One fixture serves all cases of a test class, one after another, from one
 * thread; but {@link Destination#publish} is called by several.
 */
public interface BrokerFixture extends AutoCloseable {

    /**
     * Makes a destination that nobody else uses: a topic with a group, a queue. Where the broker splits destinations into lanes,
     * make fewer than eight (two are enough), so that keys outnumber lanes.
     *
     * @param name a short name of letters, digits and hyphens, different for each call
     * @return the destination, ready to be published to
     * @throws Exception when the broker refuses; the case fails with it
     */
    Destination create(String name) throws Exception;

    /**
     * Whether the broker hands out again what was released without having counted it against the message.
     *
     * @return true when a release costs no attempt and no receive; compared with {@code LaneRules.freeRelease()}
     */
    boolean freeRelease();

    /**
     * How long it takes until a message that was never settled is available again, after its consumer has gone: the rest of a
     * lease, a session time-out, the broker's own notice of a lost connection; with what a slow machine adds. After a clean drain
     * the contract waits five seconds at most, so leases of ten seconds and more let it tell a release from a lapse.
     *
     * @return the time, counted from the end of a drain, or from {@link #mend} when the broker was cut off
     */
    Duration comesBackWithin();

    /**
     * Cuts consumers off from the broker, by killing it or by cutting the connections. When this returns, nothing that a source
     * sends is heard until {@link #mend}; what the broker held is kept.
     *
     * @throws Exception when it could not be done
     */
    void cut() throws Exception;

    /**
     * Makes the broker reachable again and waits until it answers. Does nothing when it was not cut off.
     *
     * @throws Exception when the broker does not come back
     */
    void mend() throws Exception;

    /**
     * Whether a thread belongs to the client that the source under test uses, and must be gone when its consumer has closed.
     * Threads made by the fixture and threads that the client shares in the whole JVM do not belong to it.
     *
     * @param threadName the name of a live thread
     * @return true to have the contract check that there are no more of them after a consumer than there were before it
     */
    default boolean isClientThread(String threadName) {
        return false;
    }

    /**
     * Whether the broker hands out messages of one key in the order in which they were published.
     *
     * @return by default true; false for an SQS standard queue
     */
    default boolean keepsKeyOrder() {
        return true;
    }

    /**
     * Whether a settlement that the broker has answered outlives {@link #cut}: a broker may forget, when it is killed, what it had
     * not yet written down.
     *
     * @return by default true
     */
    default boolean keepsSettlements() {
        return true;
    }

    /**
     * Whether a message may have several headers of one name.
     *
     * @return by default true
     */
    default boolean repeatsHeaders() {
        return true;
    }

    /**
     * How large a body may be.
     *
     * @return in bytes; by default 900,000
     */
    default int largestBody() {
        return 900_000;
    }

    /**
     * For how long a delivery is leased if nobody extends it, as this fixture sets it.
     *
     * @return by default zero: there is no lease
     */
    default Duration leaseLasts() {
        return Duration.ZERO;
    }

    /**
     * How many random schedules are played.
     *
     * @return by default what the system property {@code lastcall.contract.schedules} says, else 10
     */
    default int randomSchedules() {
        return Integer.getInteger("lastcall.contract.schedules", 10);
    }

    /**
     * How long to wait for what must come. It costs time only when something is broken.
     *
     * @return by default thirty seconds; longer than a long poll
     */
    default Duration patience() {
        return Duration.ofSeconds(30);
    }

    /**
     * How often a consumer is started and drained at once.
     *
     * @return at least 10; fewer where joining a broker takes long
     */
    default int racingRounds() {
        return 20;
    }

    /**
     * Ends what was started.
     *
     * @throws Exception when the broker did not end
     */
    @Override
    void close() throws Exception;
}
