package io.lastcall.rabbit;

/** What kind of queue it is, which AMQP does not tell and on which the price of giving back depends. */
public enum QueueType {
    /** Returns are not counted: giving back is free. */
    CLASSIC,
    /**
     * Returns are counted against the queue's delivery limit: before RabbitMQ 4.3 each of them, from 4.3 on {@code basic.nack} is not
     * (its documentation of quorum queues, "poison message handling").
     */
    QUORUM,
    /** Not known: taken for a quorum queue, since that is the careful way. */
    UNKNOWN
}
