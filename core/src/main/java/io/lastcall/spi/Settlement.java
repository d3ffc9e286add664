package io.lastcall.spi;

import io.lastcall.message.Outcome;

/**
 * A delivery whose outcome is decided and is told to the broker. The object itself is the handle: it is given back as it came in
 * {@link Lane#settled} or {@link Lane#unsettled}. Implemented by the core only.
 *
 * @param <R> the receipt of the source
 */
public interface Settlement<R> {

    /**
     * The delivery as it was offered.
     *
     * @return the delivery
     */
    Delivery<R> delivery();

    /**
     * What to tell the broker. A retry comes only to a source with {@link Capability#REDELIVERY}.
     *
     * @return the outcome
     */
    Outcome outcome();

    /**
     * How often the message was handled, here and, where the broker counts, before.
     *
     * @return by default the attempt that the message came with
     */
    default int attempts() {
        return delivery().message().attempt();
    }

    /**
     * Whether the dead letter of a rejection stands in the consumer's own sink: then the broker is only to forget the message, and a
     * source with {@link Capability#DEAD_LETTER} writes none itself.
     *
     * @return true for a {@link Outcome.Reject} whose dead letter is written
     */
    default boolean isLetterWritten() {
        return false;
    }
}
