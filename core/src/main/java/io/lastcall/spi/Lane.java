package io.lastcall.spi;

import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * What the broker gives and takes away as one, seen from the source: a Kafka partition in one assignment epoch, a RabbitMQ
 * channel generation, an SQS queue. Safe for any thread. Lists that are passed in belong to the core from then on.
 *
 * @param <R> the receipt of the source
 */
public interface Lane<R> {

    /**
     * How many more deliveries are wanted now. Zero or less: pause this lane; the capacity signal is armed by this very read.
     *
     * @return the number, possibly negative
     */
    int capacity();

    /**
     * Waits for capacity.
     *
     * @param atMost the longest wait
     * @return the capacity, zero or less when the time is over or receiving is to stop
     * @throws InterruptedException when the waiting thread is interrupted
     */
    int awaitCapacity(Duration atMost) throws InterruptedException;

    /**
     * Hands deliveries over, all or none. Exceeding the capacity is allowed, by what one fetch brought.
     *
     * @param batch deliveries in the broker's order
     * @return false once receiving has stopped or the lane was revoked: then the source gives them back itself
     */
    boolean offer(List<Delivery<R>> batch);

    /**
     * The broker has confirmed these settlements.
     *
     * @param covered settlements, grouped as the broker confirms; parts of many runs
     */
    void settled(Collection<? extends Settlement<R>> covered);

    /**
     * These settlements were refused, or nobody knows.
     *
     * @param failed the settlements
     * @param why refused or unknown, with the cause
     */
    void unsettled(Collection<? extends Settlement<R>> failed, Failure why);

    /**
     * The broker takes the lane away. Deliveries that have not started leave the account at once; offers are refused from now on.
     * A second call returns the same revocation.
     *
     * @param why orderly or lost
     * @return what is left to wait for
     */
    Revocation revoke(RevokeReason why);
}
