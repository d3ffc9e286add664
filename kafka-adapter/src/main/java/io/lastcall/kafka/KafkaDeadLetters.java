package io.lastcall.kafka;

import io.lastcall.message.DeadLetter;
import io.lastcall.message.Header;
import io.lastcall.message.Message;
import io.lastcall.spi.DeadLetterSink;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps rejected messages in Kafka topics: key, body, headers and timestamp as they were received, and why they were given up in
 * further headers whose names begin with {@value #PREFIX}. For messages of any broker. Safe for any thread.
 *
 * <p>The record keeps the time of the original, so the retention of the dead letter topic counts from then, unless the topic has
 * {@code message.timestamp.type=LogAppendTime}.
 */
public final class KafkaDeadLetters implements DeadLetterSink {

    /** How the names of the added headers begin. */
    public static final String PREFIX = "lastcall-";

    private static final Logger log = LoggerFactory.getLogger(KafkaDeadLetters.class);
    private static final String SUFFIX = ".dead";
    private static final int LONGEST_TEXT = 2_000;
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);
    private static final Set<String> OURS = Set.of(
            ProducerConfig.ACKS_CONFIG,
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
            ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG);

    private final Producer<byte[], byte[]> producer;
    private final UnaryOperator<String> topicOf;

    /** One thread, since send may block until it knows the topic. */
    private final ExecutorService sender;

    private KafkaDeadLetters(Producer<byte[], byte[]> producer, UnaryOperator<String> topicOf) {
        this.producer = producer;
        this.topicOf = topicOf;
        this.sender = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "lastcall-dead-letters");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Keeps the messages of each topic in a topic of that name with {@code .dead} added.
     *
     * @param properties as for {@link #open(Map, UnaryOperator)}
     * @return the sink; whoever opens it closes it
     */
    public static KafkaDeadLetters open(Map<String, ?> properties) {
        return open(properties, source -> source + SUFFIX);
    }

    /**
     * Keeps all messages in one topic.
     *
     * @param properties as for {@link #open(Map, UnaryOperator)}
     * @param topic the topic
     * @return the sink; whoever opens it closes it
     */
    public static KafkaDeadLetters open(Map<String, ?> properties, String topic) {
        return open(properties, source -> topic);
    }

    /**
     * Keeps messages in topics by where they came from. The topics must be there, unless the broker makes them when asked for.
     *
     * @param properties of Kafka's producer, names as in its {@code ProducerConfig}; {@code delivery.timeout.ms} and
     *     {@code max.block.ms} say how long a letter may take and are 30 s and 10 s where not set
     * @param topicOf from a message's topic or queue to the topic of its letters; pure
     * @return the sink; whoever opens it closes it
     * @throws IllegalArgumentException for {@code acks}, {@code enable.idempotence}, {@code key.serializer} and
     *     {@code value.serializer}, which are set by this adapter
     */
    public static KafkaDeadLetters open(Map<String, ?> properties, UnaryOperator<String> topicOf) {
        for (String name : OURS) {
            if (properties.containsKey(name)) {
                throw new IllegalArgumentException(name + " = " + properties.get(name)
                        + ", must not be set: letters are bytes, written to all replicas once");
            }
        }
        Map<String, Object> all = new HashMap<>(properties);
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        all.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
        all.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, requestTimeout(all));
        all.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
        return new KafkaDeadLetters(
                new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer()), topicOf);
    }

    /** Ten seconds, or what fits into a shorter time for the letter, as the client wants it. */
    private static int requestTimeout(Map<String, Object> all) {
        try {
            long delivery = Long.parseLong(String.valueOf(all.get(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG)));
            long linger = Long.parseLong(String.valueOf(all.getOrDefault(ProducerConfig.LINGER_MS_CONFIG, 5)));
            return (int) Math.max(1, Math.min(10_000, delivery - linger));
        } catch (NumberFormatException e) {
            return 10_000; // the client says what is wrong
        }
    }

    /**
     * Writes one letter.
     *
     * @param letter the message and why it was given up
     * @return completes on a thread of the client, which must not be kept: well when all in-sync replicas have it
     */
    @Override
    public CompletionStage<Void> write(DeadLetter letter) {
        CompletableFuture<Void> written = new CompletableFuture<>();
        try {
            sender.execute(() -> send(letter, written));
        } catch (RejectedExecutionException e) {
            written.completeExceptionally(new IllegalStateException("the dead letters are closed", e));
        }
        return written;
    }

    private void send(DeadLetter letter, CompletableFuture<Void> written) {
        try {
            var unused = producer.send(record(letter), (metadata, error) -> {
                if (error == null) {
                    written.complete(null);
                } else {
                    written.completeExceptionally(error);
                }
            });
        } catch (Throwable e) { // a topic that cannot be found, a function that throws, a closed producer
            written.completeExceptionally(e);
        }
    }

    private ProducerRecord<byte[], byte[]> record(DeadLetter letter) {
        Message<byte[]> message = letter.message();
        String source = message.origin().destination();
        Long timestamp = message.timestamp().equals(Instant.EPOCH)
                ? null
                : Long.valueOf(message.timestamp().toEpochMilli());
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topicOf.apply(source), null, timestamp, message.key(), message.body());
        Headers headers = record.headers();
        for (Header header : message.headers()) {
            headers.add(header.name(), header.value());
        }
        add(headers, "reason", letter.reason());
        Throwable cause = letter.cause();
        if (cause != null) {
            add(headers, "cause", cause.getClass().getName());
            add(headers, "cause-message", cause.getMessage());
        }
        add(headers, "attempts", Integer.toString(letter.attempts()));
        add(headers, "consumer", letter.consumer());
        add(headers, "broker", message.origin().broker());
        add(headers, "source", source);
        add(headers, "lane", message.origin().lane());
        add(headers, "position", message.origin().position());
        return record;
    }

    private static void add(Headers headers, String name, @Nullable String text) {
        if (text != null) {
            String cut = text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT);
            headers.add(PREFIX + name, cut.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Waits up to ten seconds for letters under way, then disconnects; the stages of those left complete exceptionally. */
    @Override
    public void close() {
        sender.shutdown();
        try {
            // Behind what was accepted before: its sends have begun when the producer closes.
            if (!sender.awaitTermination(CLOSE_WITHIN.toNanos(), java.util.concurrent.TimeUnit.NANOSECONDS)) {
                log.warn("dead letters were still being sent within={}", CLOSE_WITHIN);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(CLOSE_WITHIN);
    }
}
