package io.lastcall.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ConnectionFactory;
import io.lastcall.message.DeadLetter;
import io.lastcall.message.Message;
import io.lastcall.spi.DeadLetterSink;
import java.time.Duration;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps rejected messages in RabbitMQ queues, on a connection of its own, with publisher confirms: body, properties and headers as they
 * were received, and why they were given up in further headers whose names begin with {@value #PREFIX}. For messages of any broker. A
 * letter that no queue takes, or that the broker does not confirm, is not written, and its message stays where it was. Safe for any
 * thread.
 *
 * <p>The broker's own dead-letter exchange needs none of this; it publishes without confirms, unless a quorum queue has
 * {@code x-dead-letter-strategy=at-least-once}, and cannot say why.
 */
public final class RabbitDeadLetters implements DeadLetterSink {

    /** How the names of the added headers begin. */
    public static final String PREFIX = "lastcall-";

    private static final String SUFFIX = ".dead";
    private static final int LONGEST_TEXT = 2_000;
    private static final Duration WITHIN = Duration.ofSeconds(30);
    // What would make the broker copy the letter elsewhere, or count for the queue that it is in now.
    private static final Set<String> LEFT_OUT = Set.of("CC", "BCC", "x-delivery-count", "x-acquired-count");

    private final ConfirmedPublisher publisher;
    private final String exchange;
    private final UnaryOperator<String> routingKeyOf;

    private RabbitDeadLetters(
            ConnectionFactory factory, String exchange, UnaryOperator<String> routingKeyOf, Duration within) {
        if (within.isNegative() || within.isZero()) {
            throw new IllegalArgumentException("within = " + within + ", must be more than zero");
        }
        this.publisher = new ConfirmedPublisher("lastcall-dead-letters", factory, within);
        this.exchange = exchange;
        this.routingKeyOf = routingKeyOf;
    }

    /**
     * Keeps the messages of each queue in a queue of that name with {@code .dead} added, which must exist.
     *
     * @param factory how to connect; copied now
     * @return the sink, which connects with the first letter; whoever opens it closes it
     */
    public static RabbitDeadLetters open(ConnectionFactory factory) {
        return open(factory, "", source -> source + SUFFIX, WITHIN);
    }

    /**
     * Keeps all messages in one queue, which must exist.
     *
     * @param factory how to connect; copied now
     * @param queue the queue
     * @return the sink, which connects with the first letter; whoever opens it closes it
     */
    public static RabbitDeadLetters open(ConnectionFactory factory, String queue) {
        String checked = RabbitSource.notBlank("queue", queue);
        return open(factory, "", source -> checked, WITHIN);
    }

    /**
     * Publishes letters to an exchange.
     *
     * @param factory how to connect; copied now
     * @param exchange the exchange, which must exist; empty for the default one, whose keys are names of queues
     * @param routingKeyOf from a message's queue or topic to the key of its letters; pure
     * @param within how long a letter may take; more than zero; 30 s in the shorter forms
     * @return the sink, which connects with the first letter; whoever opens it closes it
     */
    public static RabbitDeadLetters open(
            ConnectionFactory factory, String exchange, UnaryOperator<String> routingKeyOf, Duration within) {
        return new RabbitDeadLetters(factory, exchange, routingKeyOf, within);
    }

    /**
     * Writes one letter.
     *
     * @param letter the message and why it was given up
     * @return completes on a thread of the sink, which must not be kept: well when the broker has confirmed the letter
     */
    @Override
    public CompletionStage<Void> write(DeadLetter letter) {
        try {
            Message<byte[]> message = letter.message();
            byte[] body = message.body();
            return publisher.publish(
                    exchange,
                    routingKeyOf.apply(message.origin().destination()),
                    properties(letter),
                    body == null ? new byte[0] : body);
        } catch (RuntimeException e) { // a function that throws, a header that is not what its kind says
            return CompletableFuture.failedFuture(e);
        }
    }

    // Kept for ever, whatever the message's own time to live; and the server refuses a user id that is not ours.
    private static AMQP.BasicProperties properties(DeadLetter letter) {
        Message<byte[]> message = letter.message();
        AMQP.BasicProperties received = AmqpHeaders.properties(message.headers());
        Map<String, Object> headers = new HashMap<>();
        if (received.getHeaders() != null) {
            received.getHeaders().forEach((name, value) -> {
                if (!LEFT_OUT.contains(name)) {
                    headers.put(name, value);
                }
            });
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
        add(headers, "source", message.origin().destination());
        add(headers, "lane", message.origin().lane());
        add(headers, "position", message.origin().position());
        AMQP.BasicProperties.Builder builder = received.builder()
                .headers(headers)
                .deliveryMode(2)
                .expiration(null)
                .userId(null);
        if (received.getMessageId() == null) {
            builder.messageId(cut(message.id(), 255));
        }
        if (received.getTimestamp() == null && message.timestamp().getEpochSecond() > 0) {
            builder.timestamp(Date.from(message.timestamp()));
        }
        return builder.build();
    }

    private static void add(Map<String, Object> headers, String name, @Nullable String text) {
        if (text != null) {
            headers.put(PREFIX + name, cut(text, LONGEST_TEXT));
        }
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest);
    }

    /** Waits up to ten seconds for letters under way, then disconnects; the stages of those left complete exceptionally. */
    @Override
    public void close() {
        publisher.close();
    }
}
