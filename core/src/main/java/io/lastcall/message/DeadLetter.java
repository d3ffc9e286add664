package io.lastcall.message;

import org.jspecify.annotations.Nullable;

/**
 * A message that was given up, and why. Immutable.
 *
 * @param message the message as it was received, undecoded and complete
 * @param reason why it was given up, in words
 * @param cause the error behind it, or null
 * @param attempts how often it was tried, deliveries and tries in the process together
 * @param consumer the name of the consumer that gave it up
 */
public record DeadLetter(
        Message<byte[]> message, String reason, @Nullable Throwable cause, int attempts, String consumer) {}
