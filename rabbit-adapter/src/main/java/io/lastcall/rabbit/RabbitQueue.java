package io.lastcall.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A durable queue that a source declares each time it connects, with its dead letters and its bindings. What exists already must have been
 * declared the same way, or the server refuses (406 PRECONDITION_FAILED). Immutable, safe for any thread: each setting gives a new value.
 */
public final class RabbitQueue {

    private static final String DEAD_EXCHANGE = "x-dead-letter-exchange";
    private static final String DEAD_KEY = "x-dead-letter-routing-key";
    private static final String SINGLE = "x-single-active-consumer";
    private static final String LIMIT = "x-delivery-limit";
    private static final String TYPE = "x-queue-type";

    /** What belongs to an exchange. */
    private record Binding(String exchange, @Nullable BuiltinExchangeType declared, String routingKey) {}

    private final String name;
    private final QueueType type;
    private final Map<String, Object> arguments;
    private final List<Binding> bindings;
    private final @Nullable String deadLetters;

    private RabbitQueue(
            String name,
            QueueType type,
            Map<String, Object> arguments,
            List<Binding> bindings,
            @Nullable String deadLetters) {
        this.name = name;
        this.type = type;
        this.arguments = arguments;
        this.bindings = bindings;
        this.deadLetters = deadLetters;
    }

    /**
     * A classic queue.
     *
     * @param name not blank
     * @return a queue without further arguments
     */
    public static RabbitQueue classic(String name) {
        return of(name, QueueType.CLASSIC, "classic");
    }

    /**
     * A quorum queue: replicated, with a count of deliveries for each message.
     *
     * @param name not blank
     * @return a queue without further arguments
     */
    public static RabbitQueue quorum(String name) {
        return of(name, QueueType.QUORUM, "quorum");
    }

    private static RabbitQueue of(String name, QueueType type, String kind) {
        return new RabbitQueue(RabbitSource.notBlank("queue", name), type, Map.of(TYPE, kind), List.of(), null);
    }

    /**
     * Rejected messages go to a queue of this name, which is declared too, of the same type.
     *
     * @param queue not blank
     * @return a new queue
     */
    public RabbitQueue deadLettersTo(String queue) {
        return with(DEAD_EXCHANGE, "")
                .with(DEAD_KEY, RabbitSource.notBlank("deadLettersTo", queue))
                .deadLettersIn(queue);
    }

    /**
     * Rejected messages go to an exchange, which must exist.
     *
     * @param exchange not blank
     * @param routingKey by which key
     * @return a new queue
     */
    public RabbitQueue deadLettersTo(String exchange, String routingKey) {
        return with(DEAD_EXCHANGE, RabbitSource.notBlank("deadLettersTo", exchange))
                .with(DEAD_KEY, routingKey)
                .deadLettersIn(null);
    }

    /**
     * How often a message may come back until the server dead-letters or drops it. What counts depends on the version: see
     * {@link QueueType#QUORUM}. RabbitMQ's default is no limit before 4.0 and 20 from then on.
     *
     * @param returns from 1 to 1,000,000; for a quorum queue only
     * @return a new queue
     * @throws IllegalStateException for a classic queue, which does not count
     */
    public RabbitQueue deliveryLimit(int returns) {
        if (type != QueueType.QUORUM) {
            throw new IllegalStateException("deliveryLimit = " + returns + " of " + name + ", only for a quorum queue");
        }
        if (returns < 1 || returns > 1_000_000) {
            throw new IllegalArgumentException("deliveryLimit = " + returns + ", must be from 1 to 1000000");
        }
        return with(LIMIT, returns);
    }

    /**
     * Only one consumer receives at a time, the others wait for it to go; see {@link RabbitSource#singleActiveConsumer()}.
     *
     * @return a new queue
     */
    public RabbitQueue singleActiveConsumer() {
        return with(SINGLE, true);
    }

    /**
     * Binds it to an exchange that exists.
     *
     * @param exchange not blank
     * @param routingKey for which key or pattern
     * @return a new queue
     */
    public RabbitQueue boundTo(String exchange, String routingKey) {
        return bound(new Binding(RabbitSource.notBlank("boundTo", exchange), null, routingKey));
    }

    /**
     * Binds it to a durable exchange that is declared too.
     *
     * @param exchange not blank
     * @param kind how that routes
     * @param routingKey for which key or pattern
     * @return a new queue
     */
    public RabbitQueue boundTo(String exchange, BuiltinExchangeType kind, String routingKey) {
        return bound(new Binding(RabbitSource.notBlank("boundTo", exchange), kind, routingKey));
    }

    /**
     * Any other argument that RabbitMQ knows, such as {@code x-max-length}.
     *
     * @param argument its name, beginning with {@code x-}; not {@code x-queue-type}
     * @param value its value, of a type that AMQP has
     * @return a new queue
     */
    public RabbitQueue argument(String argument, Object value) {
        if (!argument.startsWith("x-") || argument.equals(TYPE)) {
            throw new IllegalArgumentException(
                    "argument = \"" + argument + "\", must begin with x- and not be " + TYPE);
        }
        return with(argument, value);
    }

    private RabbitQueue with(String argument, Object value) {
        Map<String, Object> all = new LinkedHashMap<>(arguments);
        all.put(argument, value);
        return new RabbitQueue(name, type, Map.copyOf(all), bindings, deadLetters);
    }

    private RabbitQueue deadLettersIn(@Nullable String queue) {
        return new RabbitQueue(name, type, arguments, bindings, queue);
    }

    private RabbitQueue bound(Binding binding) {
        List<Binding> all = new ArrayList<>(bindings);
        all.add(binding);
        return new RabbitQueue(name, type, arguments, List.copyOf(all), deadLetters);
    }

    String name() {
        return name;
    }

    QueueType type() {
        return type;
    }

    boolean isDeadLettering() {
        return arguments.containsKey(DEAD_EXCHANGE);
    }

    boolean isSingleActive() {
        return Boolean.TRUE.equals(arguments.get(SINGLE));
    }

    /** The dead letters first: what is rejected must have a place to go to from the beginning. */
    void declareOn(Channel channel) throws IOException {
        if (deadLetters != null) {
            declare(channel, deadLetters, Map.of(TYPE, arguments.getOrDefault(TYPE, "classic")));
        }
        declare(channel, name, arguments);
        for (Binding binding : bindings) {
            if (binding.declared != null) {
                channel.exchangeDeclare(binding.exchange, binding.declared, true);
            }
            channel.queueBind(name, binding.exchange, binding.routingKey);
        }
    }

    private static void declare(Channel channel, String name, Map<String, Object> arguments) throws IOException {
        AMQP.Queue.DeclareOk unused = channel.queueDeclare(name, true, false, false, arguments);
    }
}
