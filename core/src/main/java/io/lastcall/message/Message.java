package io.lastcall.message;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One message as it was received, with the body decoded to {@code T}. Immutable by contract: nobody changes the arrays it
 * hands out. Safe for any thread.
 *
 * <p>{@link #id()}, {@link #origin()} and {@link #headers()} may be made on demand by the adapter, since most are never
 * asked for; two calls give equal values.
 *
 * @param <T> what the body was decoded to; {@code byte[]} before any decoding
 */
public interface Message<T> {

    /**
     * An id that is the same for each delivery of this message, as far as the broker has one: {@code topic-partition@offset}
     * at Kafka, the message id at SQS, the {@code message-id} property at RabbitMQ.
     *
     * @return the id, never empty
     */
    String id();

    /**
     * Where the message was received from.
     *
     * @return broker, destination, lane and position
     */
    Origin origin();

    /**
     * The broker's own key, as bytes: the record key at Kafka, the message group at SQS FIFO.
     *
     * @return the key, or null where the message has none
     */
    byte @Nullable [] key();

    /**
     * The decoded body.
     *
     * @return the body, or null for a message without one (a tombstone at Kafka)
     */
    @Nullable
    T body();

    /**
     * All headers, in the broker's order.
     *
     * @return the headers, empty where there are none
     */
    Headers headers();

    /**
     * When the message was produced, by the producer's or the broker's wall clock.
     *
     * @return the time, {@link Instant#EPOCH} where the broker gives none
     */
    Instant timestamp();

    /**
     * Which delivery of this message the broker says this is. Attempts that were made in the process are not in it: see
     * {@code HandlingContext.attempt()}.
     *
     * @return 1 for the first delivery, and for brokers that do not count
     */
    int attempt();
}
