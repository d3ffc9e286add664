package io.lastcall.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ConnectionFactory;
import io.lastcall.message.Header;
import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Answers messages that ask for a reply: to the queue in their {@code reply-to}, also RabbitMQ's direct {@code amq.rabbitmq.reply-to}, with
 * their {@code correlation-id}. On a connection of its own, with publisher confirms: a handler that waits for the stage before it
 * accepts has answered at least once. Safe for any thread.
 */
public final class RabbitReplies implements AutoCloseable {

    private static final Duration WITHIN = Duration.ofSeconds(30);

    private final ConfirmedPublisher publisher;

    private RabbitReplies(ConnectionFactory factory, Duration within) {
        if (within.isNegative() || within.isZero()) {
            throw new IllegalArgumentException("within = " + within + ", must be more than zero");
        }
        this.publisher = new ConfirmedPublisher("lastcall-replies", factory, within);
    }

    /**
     * Opens it; a reply may take up to 30 s.
     *
     * @param factory how to connect; copied now
     * @return replies, which connect with the first; whoever opens them closes them
     */
    public static RabbitReplies open(ConnectionFactory factory) {
        return open(factory, WITHIN);
    }

    /**
     * Opens it.
     *
     * @param factory how to connect; copied now
     * @param within how long a reply may take; more than zero
     * @return replies, which connect with the first; whoever opens them closes them
     */
    public static RabbitReplies open(ConnectionFactory factory, Duration within) {
        return new RabbitReplies(factory, within);
    }

    /**
     * Where a message wants its reply.
     *
     * @param request a message from RabbitMQ
     * @return the queue; empty where none is asked for
     */
    public static Optional<String> replyTo(Message<?> request) {
        return property(request, "reply-to");
    }

    /**
     * Answers with a body alone.
     *
     * @param request what is answered
     * @param body the answer
     * @return as {@link #reply(Message, byte[], Headers)}
     * @throws IllegalArgumentException when the message asks for no reply
     */
    public CompletionStage<Void> reply(Message<?> request, byte[] body) {
        return reply(request, body, Headers.empty());
    }

    /**
     * Answers.
     *
     * @param request what is answered
     * @param body the answer
     * @param headers of the answer; the correlation id is the request's, or its message id where it has none
     * @return completes on a thread of ours, which must not be kept: well when the broker has confirmed the reply; exceptionally when
     *     its queue is gone, or it was not confirmed in time. Whether a direct reply-to still has a taker the broker does not tell
     *     (RabbitMQ's documentation of direct reply-to, on the mandatory flag)
     * @throws IllegalArgumentException when the message asks for no reply
     */
    public CompletionStage<Void> reply(Message<?> request, byte[] body, Headers headers) {
        String queue = replyTo(request)
                .orElseThrow(() -> new IllegalArgumentException(
                        "message " + request.id() + " has no reply-to, cannot be answered"));
        AMQP.BasicProperties.Builder properties =
                AmqpHeaders.properties(headers).builder();
        property(request, "correlation-id")
                .or(() -> property(request, "message-id"))
                .ifPresent(properties::correlationId);
        return publisher.publish("", queue, properties.build(), body);
    }

    private static Optional<String> property(Message<?> request, String name) {
        for (Header header : request.headers()) {
            if (header.kind().equals(AmqpHeaders.PROPERTY) && header.name().equals(name)) {
                return Optional.ofNullable(header.text()).filter(it -> !it.isEmpty());
            }
        }
        return Optional.empty();
    }

    /** Waits up to ten seconds for replies under way, then disconnects; the stages of those left complete exceptionally. */
    @Override
    public void close() {
        publisher.close();
    }
}
