package io.lastcall;

import io.lastcall.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * Makes a body from a raw message. Called on a worker thread, before the handler.
 *
 * @param <T> the type of the body
 */
@FunctionalInterface
public interface Decoder<T> {

    /**
     * Decodes.
     *
     * @param raw the message as received
     * @return the body, null where there is none
     * @throws Exception when it cannot be decoded: the message is rejected with this cause, not retried
     */
    @Nullable
    T decode(Message<byte[]> raw) throws Exception;
}
