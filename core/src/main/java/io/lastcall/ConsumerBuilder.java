package io.lastcall;

import io.lastcall.internal.consumer.Consumers;
import io.lastcall.internal.consumer.Handling;
import io.lastcall.internal.consumer.Plan;
import io.lastcall.message.Message;
import io.lastcall.spi.Capability;
import io.lastcall.spi.DeadLetterSink;
import io.lastcall.spi.SourceFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Describes a consumer. Each setting is checked when it is given, and together when {@link #handle} builds. Not safe for several
 * threads.
 *
 * @param <T> the type of the body that the handler sees
 */
public final class ConsumerBuilder<T> {

    private final SourceFactory<?> source;
    private final @Nullable Decoder<T> decoder;
    private final List<ConsumerListener> listeners = new ArrayList<>();
    private String name;
    private int concurrency = 1;
    private @Nullable Integer limit;
    private Ordering ordering = Ordering.none();
    private @Nullable ToIntFunction<Message<byte[]>> priority;
    private DrainSettings drain = DrainSettings.DEFAULT;
    private Retry retry = Retry.DEFAULT;
    private @Nullable DeadLetterSink deadLetters;
    private boolean dropRejected;
    private Workers workers = Workers.BEST;

    private ConsumerBuilder(SourceFactory<?> source, @Nullable Decoder<T> decoder) {
        this.source = Objects.requireNonNull(source, "source");
        this.name = source.name();
        this.decoder = decoder;
    }

    static ConsumerBuilder<byte[]> of(SourceFactory<?> source) {
        return new ConsumerBuilder<>(source, null);
    }

    /**
     * Names the consumer in logs, threads and reports.
     *
     * @param name not blank; by default the source's name
     * @return this
     */
    public ConsumerBuilder<T> name(String name) {
        this.name = Settings.notBlank("name", name);
        return this;
    }

    /**
     * How many handlers may run at once.
     *
     * @param handlers from 1 to 100,000; by default 1
     * @return this
     */
    public ConsumerBuilder<T> concurrency(int handlers) {
        this.concurrency = Plan.concurrency(handlers);
        return this;
    }

    /**
     * How many deliveries may be held at once, running ones included.
     *
     * @param deliveries from 1 to 10,000,000; by default what the source suggests for the concurrency
     * @return this
     */
    public ConsumerBuilder<T> limit(int deliveries) {
        this.limit = Plan.limit(deliveries);
        return this;
    }

    /**
     * What must be handled in order.
     *
     * @param order by default {@link Ordering#none()}
     * @return this
     */
    public ConsumerBuilder<T> ordering(Ordering order) {
        this.ordering = Objects.requireNonNull(order, "ordering");
        return this;
    }

    /**
     * Ranks messages for {@link DrainMode#FINISH_BY_PRIORITY}.
     *
     * @param rank higher goes first; pure and quick, runs on the source's thread; one that throws rejects that message
     * @return this
     */
    public ConsumerBuilder<T> priority(ToIntFunction<Message<byte[]>> rank) {
        this.priority = Objects.requireNonNull(rank, "priority");
        return this;
    }

    /**
     * How it drains.
     *
     * @param settings by default {@link DrainSettings#DEFAULT}
     * @return this
     */
    public ConsumerBuilder<T> drain(DrainSettings settings) {
        this.drain = Objects.requireNonNull(settings, "drain");
        return this;
    }

    /**
     * How failed deliveries are tried again.
     *
     * @param policy by default {@link Retry#DEFAULT}
     * @return this
     */
    public ConsumerBuilder<T> retry(Retry policy) {
        this.retry = Objects.requireNonNull(policy, "retry");
        return this;
    }

    /**
     * Where rejected messages go.
     *
     * @param sink stays open when the consumer closes
     * @return this
     */
    public ConsumerBuilder<T> deadLetters(DeadLetterSink sink) {
        this.deadLetters = Objects.requireNonNull(sink, "deadLetters");
        return this;
    }

    /**
     * Allows rejected messages to be dropped where neither the broker nor a sink keeps them. They are counted.
     *
     * @return this
     */
    public ConsumerBuilder<T> dropRejected() {
        this.dropRejected = true;
        return this;
    }

    /**
     * On which threads handlers run.
     *
     * @param kind by default {@link Workers#BEST}
     * @return this
     */
    public ConsumerBuilder<T> workers(Workers kind) {
        this.workers = Objects.requireNonNull(kind, "workers");
        return this;
    }

    /**
     * Adds a listener.
     *
     * @param listener called on a thread of its own
     * @return this
     */
    public ConsumerBuilder<T> listener(ConsumerListener listener) {
        listeners.add(Objects.requireNonNull(listener, "listener"));
        return this;
    }

    /**
     * Decodes bodies before they reach the handler.
     *
     * @param decoder what turns a raw message into a body
     * @param <U> the type of the body
     * @return a builder with all settings so far
     */
    public <U> ConsumerBuilder<U> decode(Decoder<U> decoder) {
        ConsumerBuilder<U> next = new ConsumerBuilder<>(source, Objects.requireNonNull(decoder, "decoder"));
        next.listeners.addAll(listeners);
        next.name = name;
        next.concurrency = concurrency;
        next.limit = limit;
        next.ordering = ordering;
        next.priority = priority;
        next.drain = drain;
        next.retry = retry;
        next.deadLetters = deadLetters;
        next.dropRejected = dropRejected;
        next.workers = workers;
        return next;
    }

    /**
     * Builds the consumer.
     *
     * @param handler called for each message
     * @return a consumer that waits for {@link MessageConsumer#start()}
     * @throws IllegalArgumentException when settings do not fit together; names the setting and what to call
     */
    public MessageConsumer handle(MessageHandler<T> handler) {
        Objects.requireNonNull(handler, "handler");
        return build(source, Handling.blocking(decoder, handler));
    }

    private <R> MessageConsumer build(SourceFactory<R> factory, Handling handling) {
        boolean kept = deadLetters != null || factory.capabilities().contains(Capability.DEAD_LETTER);
        if (!kept && !dropRejected) {
            throw new IllegalArgumentException("deadLetters of consumer " + name + " is not set, and " + factory.name()
                    + " has no dead letters of its own: call deadLetters(sink), or dropRejected() to drop and count");
        }
        int held = limit != null ? limit : factory.defaultLimit(concurrency);
        return Consumers.create(new Plan<>(
                name,
                factory,
                concurrency,
                held,
                ordering,
                priority,
                drain,
                retry,
                Optional.ofNullable(deadLetters),
                !kept,
                workers,
                List.copyOf(listeners),
                handling));
    }
}
