package io.lastcall.spi;

import io.lastcall.message.Message;

/**
 * One received message with its receipt. Immutable.
 *
 * @param <R> the receipt of the source
 * @param message the message, undecoded
 * @param receipt by what the source settles it: an offset, a handle, a tag
 */
public record Delivery<R>(Message<byte[]> message, R receipt) {}
