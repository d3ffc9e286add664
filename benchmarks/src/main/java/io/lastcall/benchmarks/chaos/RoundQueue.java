package io.lastcall.benchmarks.chaos;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** What a round publishes to and its members consume from. Publishing is for one thread, closing for any. */
interface RoundQueue extends AutoCloseable {

    /** Where a member finds the broker. */
    String address();

    /** What it consumes there. */
    String name();

    /**
     * Publishes one message.
     *
     * @return completes with whether the broker is known to have taken it; exceptionally when it refused it for good. Of what it is
     *     not known to have taken, it may have
     */
    CompletableFuture<Boolean> publish(int id, int key);

    /** Nothing follows for a moment: what waits for more to come goes now. */
    default void flush() {}

    @Override
    void close();

    static byte[] body(int id, int key) {
        return (id + " " + key).getBytes(StandardCharsets.US_ASCII);
    }
}
