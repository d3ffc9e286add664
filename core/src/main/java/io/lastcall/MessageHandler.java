package io.lastcall;

import io.lastcall.message.Message;
import io.lastcall.message.Outcome;

/**
 * The user's code for one message. Called by up to {@code concurrency} worker threads at once; in ordered modes never twice at
 * once for one key.
 *
 * @param <T> the type of the body
 */
@FunctionalInterface
public interface MessageHandler<T> {

    /**
     * Handles one message.
     *
     * @param message the message
     * @param context how this handling stands with the consumer
     * @return what shall become of it; never null
     * @throws Exception when it failed: tried again as the consumer's {@link Retry} says, then rejected. Ending because a drain
     *     interrupted it counts as given back, not as a failure.
     */
    Outcome handle(Message<T> message, HandlingContext context) throws Exception;
}
