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
     * What to tell the broker. A rejection whose dead letter was already written is still a {@code Reject}; a retry comes only
     * to a source with {@link Capability#REDELIVERY}.
     *
     * @return the outcome
     */
    Outcome outcome();
}
