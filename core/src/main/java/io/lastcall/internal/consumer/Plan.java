package io.lastcall.internal.consumer;

import io.lastcall.ConsumerListener;
import io.lastcall.DrainSettings;
import io.lastcall.Ordering;
import io.lastcall.Retry;
import io.lastcall.Workers;
import io.lastcall.message.Message;
import io.lastcall.spi.DeadLetterSink;
import io.lastcall.spi.SourceFactory;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A consumer's settings, checked and complete. Immutable.
 *
 * @param drops whether rejected messages are dropped, since nothing keeps them
 */
public record Plan<R>(
        String name,
        SourceFactory<R> source,
        int concurrency,
        int limit,
        Ordering ordering,
        @Nullable ToIntFunction<Message<byte[]>> priority,
        DrainSettings drain,
        Retry retry,
        Optional<DeadLetterSink> deadLetters,
        boolean drops,
        Workers workers,
        List<ConsumerListener> listeners,
        Handling handling) {

    private static final int MOST_CONCURRENCY = 100_000;
    private static final int MOST_LIMIT = 10_000_000;

    /** The number of handlers, if it is one that may be asked for. */
    public static int concurrency(int handlers) {
        return within("concurrency", handlers, MOST_CONCURRENCY);
    }

    /** The number of deliveries, if it is one that may be asked for. */
    public static int limit(int deliveries) {
        return within("limit", deliveries, MOST_LIMIT);
    }

    private static int within(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(name + " = " + value + ", must be from 1 to " + most);
        }
        return value;
    }
}
