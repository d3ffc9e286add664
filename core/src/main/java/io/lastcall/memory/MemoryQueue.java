package io.lastcall.memory;

import io.lastcall.message.Headers;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Capability;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue in this process: published to by any thread, consumed by any number of consumers that compete for its messages, as
 * from a broker. First in, first out; what is given back goes out again before what is newer. It lives as long as the process: what
 * nobody has handled by then is gone. Safe for any thread.
 *
 * <p>{@link #close} ends it as a channel ends: nothing can be published any more, and once the last message is settled its consumers
 * drain and close by themselves.
 */
public final class MemoryQueue implements AutoCloseable {

    private static final long FOR_EVER = Long.MAX_VALUE;

    private final MemorySettings settings;
    private final Stock stock;
    private final MemoryDeadLetters deadLetters;
    private final SourceFactory<?> source = new Factory();

    /**
     * An empty queue.
     *
     * @param settings its name and bounds
     */
    public MemoryQueue(MemorySettings settings) {
        this.settings = settings;
        this.stock = new Stock(settings);
        this.deadLetters = new MemoryDeadLetters(settings.deadLetters());
    }

    /**
     * An empty queue with the usual settings.
     *
     * @param name the queue's name, not blank
     * @param capacity the most messages that wait, at least one
     * @return the queue
     */
    public static MemoryQueue of(String name, int capacity) {
        return new MemoryQueue(new MemorySettings(name, capacity));
    }

    /**
     * The subscription of this queue, for {@code MessageConsumer.from}. Each start of each consumer competes with all others.
     *
     * @return the factory, always the same
     */
    public SourceFactory<?> source() {
        return source;
    }

    /**
     * Publishes; waits for room when the queue is full. A handler that publishes to the queue it consumes should take {@link
     * #tryPublish}: if all do, nobody makes room.
     *
     * @param key by which consumers may order, null for none; belongs to the queue from now on
     * @param body the body, null for none; belongs to the queue from now on
     * @throws IllegalStateException when the queue is closed, or is closed while this waits
     * @throws InterruptedException when interrupted while it waits; nothing is published then
     */
    public void publish(byte @Nullable [] key, byte @Nullable [] body) throws InterruptedException {
        stock.put(key, body, Headers.empty(), null, FOR_EVER);
    }

    /**
     * Publishes; waits for room for a time.
     *
     * @param key as in {@link #publish(byte[], byte[])}
     * @param body as in {@link #publish(byte[], byte[])}
     * @param headers the headers
     * @param atMost the longest wait; zero does not wait
     * @return whether it was published; false when there was no room in time
     * @throws IllegalStateException when the queue is closed, or is closed while this waits
     * @throws InterruptedException when interrupted while it waits; nothing is published then
     */
    public boolean publish(byte @Nullable [] key, byte @Nullable [] body, Headers headers, Duration atMost)
            throws InterruptedException {
        return stock.put(key, body, headers, null, Stock.nanos(atMost));
    }

    /**
     * Publishes if there is room now.
     *
     * @param key as in {@link #publish(byte[], byte[])}
     * @param body as in {@link #publish(byte[], byte[])}
     * @return whether it was published; false when the queue is full
     * @throws IllegalStateException when the queue is closed
     */
    public boolean tryPublish(byte @Nullable [] key, byte @Nullable [] body) {
        return stock.tryPut(key, body, Headers.empty());
    }

    /**
     * Publishes, waits for room for a time, and tells what became of that one message. A message that is given back to the queue or
     * to be tried again has no answer yet.
     *
     * @param key as in {@link #publish(byte[], byte[])}
     * @param body as in {@link #publish(byte[], byte[])}
     * @param headers the headers
     * @param atMost the longest wait for room; zero does not wait. How long the answer takes is for the caller to bound.
     * @return completes with accept or reject once that is settled, its dependents on the common pool; fails at once with a
     *     {@link QueueFullException} when there was no room in time
     * @throws IllegalStateException when the queue is closed, or is closed while this waits
     * @throws InterruptedException when interrupted while it waits for room; nothing is published then
     */
    public CompletionStage<Outcome> request(
            byte @Nullable [] key, byte @Nullable [] body, Headers headers, Duration atMost)
            throws InterruptedException {
        CompletableFuture<Outcome> reply = new CompletableFuture<>();
        if (!stock.put(key, body, headers, reply, Stock.nanos(atMost))) {
            return CompletableFuture.failedFuture(new QueueFullException(settings, atMost));
        }
        // A stage of its own, so that no caller can complete the queue's.
        return reply.minimalCompletionStage();
    }

    /**
     * How many messages wait, delayed ones included, those held by consumers not.
     *
     * @return the number
     */
    public int waiting() {
        return stock.waiting();
    }

    /**
     * How many messages consumers hold.
     *
     * @return the number
     */
    public int held() {
        return stock.held();
    }

    /**
     * Where rejected messages go.
     *
     * @return the queue's own dead letters
     */
    public MemoryDeadLetters deadLetters() {
        return deadLetters;
    }

    /**
     * Ends publishing, now and for those that wait for room. Consumers handle what is left and end when everything is settled; what
     * is left without a consumer stays for the next one. Calling it again changes nothing.
     */
    @Override
    public void close() {
        stock.close();
    }

    @Override
    public String toString() {
        return source.name();
    }

    /** Opens receptions. */
    private final class Factory implements SourceFactory<MemoryMessage> {

        private static final Set<Capability> CAPABILITIES = Set.of(
                Capability.REDELIVERY, Capability.DELAYED_REDELIVERY, Capability.ATTEMPT_COUNT, Capability.DEAD_LETTER);

        @Override
        public String name() {
            return "memory:" + settings.name();
        }

        @Override
        public Set<Capability> capabilities() {
            return CAPABILITIES;
        }

        /** Fetching ahead is free; enough that workers seldom wait for the receiving thread. */
        @Override
        public int defaultLimit(int concurrency) {
            return Math.max(1_024, 2 * concurrency);
        }

        @Override
        public Source<MemoryMessage> open() {
            return new Reception(stock, settings, deadLetters);
        }
    }
}
