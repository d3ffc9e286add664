package io.lastcall.rabbit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Envelope;
import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Origin;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One delivery seen as a message; id, origin and headers are made when they are asked for. Immutable. */
final class AmqpMessage implements Message<byte[]> {

    // Of RabbitMQ's reasons for a death those that follow a delivery; expired and maxlen do not.
    private static final Set<String> TRIED = Set.of("rejected", "delivery_limit");

    private final String queue;
    private final String channel;
    private final Envelope envelope;
    private final AMQP.BasicProperties properties;
    private final byte[] body;

    /** @param channel a name of the channel that no other channel has or will have */
    AmqpMessage(String queue, String channel, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
        this.queue = queue;
        this.channel = channel;
        this.envelope = envelope;
        this.properties = properties;
        this.body = body;
    }

    /**
     * The message-id property. Without one RabbitMQ has no identity to give: then it is a name of this delivery, another one at each
     * redelivery. A hash of the content would be stable, but two messages may be equal and still be two, and whoever leaves out what
     * was handled before would lose the second.
     */
    @Override
    public String id() {
        String id = properties.getMessageId();
        return id == null || id.isEmpty() ? channel + "/" + envelope.getDeliveryTag() : id;
    }

    @Override
    public Origin origin() {
        return new Origin("rabbitmq", queue, queue, Long.toString(envelope.getDeliveryTag()));
    }

    /** The routing key, null for what came by the default exchange: there it is the queue's name. */
    @Override
    public byte @Nullable [] key() {
        return envelope.getExchange().isEmpty()
                ? null
                : envelope.getRoutingKey().getBytes(UTF_8);
    }

    @Override
    public byte[] body() {
        return body;
    }

    @Override
    public Headers headers() {
        return AmqpHeaders.of(properties);
    }

    /** The timestamp property, in whole seconds. */
    @Override
    public Instant timestamp() {
        return properties.getTimestamp() == null
                ? Instant.EPOCH
                : properties.getTimestamp().toInstant();
    }

    /**
     * One more than the broker knows of: returns that a quorum queue has counted ({@code x-delivery-count}), and deaths by which the
     * message left this queue before ({@code x-death}), because it was rejected or returned too often. Classic queues do not count.
     */
    @Override
    public int attempt() {
        Map<String, Object> headers = properties.getHeaders();
        if (headers == null) {
            return 1;
        }
        long made = number(headers.get("x-delivery-count"));
        if (headers.get("x-death") instanceof List<?> deaths) {
            for (Object death : deaths) {
                made += death instanceof Map<?, ?> table && isOurs(table) ? number(table.get("count")) : 0;
            }
        }
        return (int) Math.min(Integer.MAX_VALUE, made + 1);
    }

    private boolean isOurs(Map<?, ?> death) {
        return queue.equals(String.valueOf(death.get("queue"))) && TRIED.contains(String.valueOf(death.get("reason")));
    }

    private static long number(@Nullable Object value) {
        return value instanceof Number number ? Math.max(0, number.longValue()) : 0;
    }

    @Override
    public String toString() {
        return id() + " of " + queue + (envelope.isRedeliver() ? " (redelivered)" : "");
    }
}
