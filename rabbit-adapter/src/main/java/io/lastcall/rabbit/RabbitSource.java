package io.lastcall.rabbit;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.lastcall.spi.Capability;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Receives from one RabbitMQ queue over AMQP 0-9-1, on a connection of its own. Immutable, safe for any thread: each setting gives a
 * new value.
 *
 * <p>What becomes of outcomes: accept is {@code basic.ack}; release is {@code basic.nack} with requeue; retry is {@code basic.reject}
 * with requeue, at once and whatever its delay, since the broker cannot wait; reject is {@code basic.reject} without requeue, which the
 * broker dead-letters where the queue has a dead-letter exchange and else drops.
 *
 * <p>When the connection or its channel is lost, or the server cancels the subscription, what is held is revoked (the broker hands it out
 * again), and the source connects again for as long as it takes. A pause keeps the subscription, and so the place among other consumers:
 * what the broker sends meanwhile, at most the prefetch, waits here unseen by handlers.
 */
public final class RabbitSource implements SourceFactory<DeliveryTag> {

    private static final Duration GIVE_UP_AFTER = Duration.ofMinutes(1);

    /** All settings, while they are being changed. */
    private static final class Draft {
        String queue = "";

        @Nullable
        RabbitQueue declared;

        ConnectionFactory connection = new ConnectionFactory();
        List<Address> addresses = List.of();
        QueueType queueType = QueueType.UNKNOWN;
        boolean deadLetters;
        boolean singleActive;
        Map<String, Object> consumerArguments = Map.of();
        Duration giveUpAfter = GIVE_UP_AFTER;
    }

    private final String queue;
    private final @Nullable RabbitQueue declared;
    private final ConnectionFactory connection;
    private final List<Address> addresses;
    private final QueueType queueType;
    private final boolean deadLetters;
    private final boolean singleActive;
    private final Map<String, Object> consumerArguments;
    private final Duration giveUpAfter;

    private RabbitSource(Draft draft) {
        this.queue = draft.queue;
        this.declared = draft.declared;
        this.connection = draft.connection;
        this.addresses = draft.addresses;
        this.queueType = draft.queueType;
        this.deadLetters = draft.deadLetters;
        this.singleActive = draft.singleActive;
        this.consumerArguments = draft.consumerArguments;
        this.giveUpAfter = draft.giveUpAfter;
    }

    private RabbitSource with(Consumer<Draft> change) {
        Draft draft = new Draft();
        draft.queue = queue;
        draft.declared = declared;
        draft.connection = connection;
        draft.addresses = addresses;
        draft.queueType = queueType;
        draft.deadLetters = deadLetters;
        draft.singleActive = singleActive;
        draft.consumerArguments = consumerArguments;
        draft.giveUpAfter = giveUpAfter;
        change.accept(draft);
        return new RabbitSource(draft);
    }

    /**
     * Receives from this queue, which must exist, at a server on this machine unless {@link #connection} says otherwise.
     *
     * @param name the queue's name, not blank
     * @return a source with the usual settings
     */
    public static RabbitSource queue(String name) {
        Draft draft = new Draft();
        draft.queue = notBlank("queue", name);
        return new RabbitSource(draft);
    }

    /**
     * Receives from this queue, and declares it each time it connects. Type, dead letters and single active consumer are taken from it.
     *
     * @param declared the queue as it is to be
     * @return a source with the usual settings
     */
    public static RabbitSource queue(RabbitQueue declared) {
        Draft draft = new Draft();
        draft.queue = declared.name();
        draft.declared = declared;
        draft.queueType = declared.type();
        draft.deadLetters = declared.isDeadLettering();
        draft.singleActive = declared.isSingleActive();
        return new RabbitSource(draft);
    }

    /**
     * How to connect: address, user, TLS, heartbeat and the like. Automatic recovery is switched off, threads come from the consumer,
     * and input and output are the client's blocking kind, whatever is set.
     *
     * @param factory copied now; later changes are not seen
     * @return a new source
     */
    public RabbitSource connection(ConnectionFactory factory) {
        return with(it -> it.connection = factory.clone());
    }

    /**
     * The nodes of a cluster: each connect tries them in a random order until one answers. Replaces host and port of
     * {@link #connection}.
     *
     * @param nodes such as {@code rabbit-1:5672,rabbit-2:5672}; not blank
     * @return a new source
     */
    public RabbitSource addresses(String nodes) {
        if (nodes.contains("@") || nodes.contains("//")) {
            // Not repeated in the message: there may be a password in it.
            throw new IllegalArgumentException(
                    "addresses: host:port, separated by commas, is wanted, not a URI; user and password belong to connection(...)");
        }
        return with(it -> it.addresses = List.of(Address.parseAddresses(notBlank("addresses", nodes))));
    }

    /**
     * What kind of queue it is. Decides whether giving back is free, and so how a drain treats what has not started.
     *
     * @param type by default {@link QueueType#UNKNOWN}
     * @return a new source
     */
    public RabbitSource queueType(QueueType type) {
        Objects.requireNonNull(type, "type");
        return with(it -> it.queueType = type);
    }

    /**
     * Says that the queue has a dead-letter exchange which keeps what is rejected. AMQP cannot tell: it is believed.
     *
     * @return a new source
     */
    public RabbitSource deadLettering() {
        return with(it -> it.deadLetters = true);
    }

    /**
     * Says that the queue has {@code x-single-active-consumer}, so that its order is worth keeping. AMQP cannot tell: it is believed.
     *
     * <p>To stop it is not cancelled, or the next consumer would begin with newer messages while older ones are still here: what is held
     * is finished, and the end of the channel hands over queue and rest at a stroke. Giving back counts as costly, so by default a drain
     * finishes what it holds. What the broker still sends during the drain is not offered to handlers and comes again, marked as
     * redelivered, and on a quorum queue counted. A limit of 1 keeps that least. A changed limit takes effect at the next connection.
     *
     * @return a new source
     */
    public RabbitSource singleActiveConsumer() {
        return with(it -> it.singleActive = true);
    }

    /**
     * The priority among consumers of the queue: the higher one gets all messages until its prefetch is full.
     *
     * @param higherFirst any number; 0 where it is not set
     * @return a new source
     */
    public RabbitSource consumerPriority(int higherFirst) {
        return with(it -> it.consumerArguments = Map.of("x-priority", higherFirst));
    }

    /**
     * How long to go on when the server is there and refuses, since the queue is missing or the user may not read it. The first
     * refusal at start is final; later a queue may be on its way back.
     *
     * @param atLeast zero or more; by default one minute
     * @return a new source
     */
    public RabbitSource giveUpAfter(Duration atLeast) {
        if (atLeast.isNegative()) {
            throw new IllegalArgumentException("giveUpAfter = " + atLeast + ", must be zero or more");
        }
        return with(it -> it.giveUpAfter = atLeast);
    }

    @Override
    public String name() {
        return "rabbitmq:" + queue;
    }

    /** Twice the concurrency, or 20 if that is more: RabbitMQ cannot wait, so that what is tried again later waits here. */
    @Override
    public int defaultLimit(int concurrency) {
        return Math.max(20, 2 * concurrency);
    }

    /**
     * {@inheritDoc}
     *
     * @return redelivery; attempts counted where the queue is said to be a quorum queue; dead letters where it is said to have them
     */
    @Override
    public Set<Capability> capabilities() {
        Set<Capability> all = EnumSet.of(Capability.REDELIVERY);
        if (queueType == QueueType.QUORUM) {
            all.add(Capability.ATTEMPT_COUNT);
        }
        if (deadLetters) {
            all.add(Capability.DEAD_LETTER);
        }
        return all;
    }

    @Override
    public Source<DeliveryTag> open() {
        return new Subscription(this);
    }

    static String notBlank(String setting, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(setting + " = \"" + value + "\", must not be blank");
        }
        return value;
    }

    String queueName() {
        return queue;
    }

    @Nullable
    RabbitQueue declared() {
        return declared;
    }

    QueueType queueType() {
        return queueType;
    }

    boolean isSingleActive() {
        return singleActive;
    }

    Map<String, Object> consumerArguments() {
        return consumerArguments;
    }

    Duration giveUpAfter() {
        return giveUpAfter;
    }

    /** A copy for one owner. */
    ConnectionFactory connectionFactory() {
        return connection.clone();
    }

    /** @param factory a copy, as the owner wants it */
    Connection connect(ConnectionFactory factory, String clientName) throws IOException, TimeoutException {
        return addresses.isEmpty() ? factory.newConnection(clientName) : factory.newConnection(addresses, clientName);
    }

    /** For logs and errors; no credentials. */
    String address() {
        return addresses.isEmpty() ? connection.getHost() + ":" + connection.getPort() : addresses.toString();
    }
}
