package io.lastcall.memory;

import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Origin;
import io.lastcall.message.Outcome;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One message of a queue, which is its own receipt and its own link in the list of what a reception holds. Safe for any thread. */
final class MemoryMessage implements Message<byte[]> {
    private final String queue;
    final long sequence;
    private final byte @Nullable [] key;
    private final byte @Nullable [] body;
    private final Headers headers;
    private final long published;
    private final int attempt;
    final @Nullable CompletableFuture<Outcome> reply;

    // Guarded by the stock's lock.
    @Nullable
    Reception holder;

    @Nullable
    MemoryMessage before;

    @Nullable
    MemoryMessage after;
    /** When a delayed one may go out again, by the intake's clock. */
    long due;

    MemoryMessage(
            String queue,
            long sequence,
            byte @Nullable [] key,
            byte @Nullable [] body,
            Headers headers,
            long published,
            int attempt,
            @Nullable CompletableFuture<Outcome> reply) {
        this.queue = queue;
        this.sequence = sequence;
        this.key = key;
        this.body = body;
        this.headers = headers;
        this.published = published;
        this.attempt = attempt;
        this.reply = reply;
    }

    /** The same for another attempt. */
    MemoryMessage again() {
        return new MemoryMessage(queue, sequence, key, body, headers, published, attempt + 1, reply);
    }

    @Override
    public String id() {
        return queue + "-" + sequence;
    }

    @Override
    public Origin origin() {
        return new Origin("memory", queue, queue, Long.toString(sequence));
    }

    @Override
    public byte @Nullable [] key() {
        return key;
    }

    @Override
    public byte @Nullable [] body() {
        return body;
    }

    @Override
    public Headers headers() {
        return headers;
    }

    @Override
    public Instant timestamp() {
        return Instant.ofEpochMilli(published);
    }

    @Override
    public int attempt() {
        return attempt;
    }

    @Override
    public String toString() {
        return id();
    }
}
