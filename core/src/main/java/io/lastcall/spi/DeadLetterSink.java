package io.lastcall.spi;

import io.lastcall.message.DeadLetter;
import java.util.concurrent.CompletionStage;

/**
 * Where rejected messages are kept. Supplied by an adapter or an application; when to use it is the core's policy. Safe for any
 * thread. Not closed by the consumer, since several may share it: close it where it was made, or register it with the
 * {@code ConsumerRuntime}.
 */
public interface DeadLetterSink extends AutoCloseable {

    /**
     * Writes one letter. Does not block. The rejected message counts as settled only after the stage completed well.
     *
     * @param letter the message and why it was given up
     * @return completes when the letter is safe; exceptionally when it is not
     */
    CompletionStage<Void> write(DeadLetter letter);

    /** Flushes and disconnects. */
    @Override
    default void close() {}
}
