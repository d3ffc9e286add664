package io.lastcall;

import io.lastcall.message.Message;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What must be handled one at a time, in the order offered. Immutable. */
public sealed interface Ordering {

    /** Nothing: every delivery runs when there is room, but for a broker that keeps an order itself (SQS FIFO): there as {@link #byKey()}. */
    record None() implements Ordering {}

    /** Each lane by itself. */
    record ByLane() implements Ordering {}

    /**
     * Each key by itself, over all lanes.
     *
     * @param key gives the key of a raw message, a value with quick {@code equals} and {@code hashCode}, such as a string or a byte array
     *     ({@code equals} of two keys with the same hash is the one thing of yours that runs under the engine's lock); null for a
     *     message that needs no order. Pure and quick: it runs on the source's thread, and one that throws rejects that message with its cause.
     *     Null instead of a function: the broker's own key.
     */
    record ByKey(@Nullable Function<Message<byte[]>, @Nullable Object> key) implements Ordering {}

    /**
     * No order but what the broker itself insists on: one at a time per message group of an SQS FIFO queue.
     *
     * @return the ordering
     */
    static Ordering none() {
        return new None();
    }

    /**
     * One at a time per lane: per partition at Kafka, per queue at SQS, per channel at RabbitMQ.
     *
     * @return the ordering
     */
    static Ordering byLane() {
        return new ByLane();
    }

    /**
     * One at a time per broker key; messages without a key need no order.
     *
     * @return the ordering
     */
    static Ordering byKey() {
        return new ByKey(null);
    }

    /**
     * One at a time per key of your own.
     *
     * @param key see {@link ByKey#key()}
     * @return the ordering
     */
    static Ordering byKey(Function<Message<byte[]>, @Nullable Object> key) {
        return new ByKey(Objects.requireNonNull(key, "key"));
    }
}
