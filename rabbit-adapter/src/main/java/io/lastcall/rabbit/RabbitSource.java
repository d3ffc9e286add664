package io.lastcall.rabbit;

import com.rabbitmq.client.ConnectionFactory;
import io.lastcall.spi.Capability;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * Receives from one RabbitMQ queue over AMQP 0-9-1, on a connection of its own. Immutable, safe for any thread: each setting gives a
 * new value.
 *
 * <p>What becomes of outcomes: accept is {@code basic.ack}; release is {@code basic.nack} with requeue; retry is {@code basic.reject}
 * with requeue, at once and whatever its delay, since the broker cannot wait; reject is {@code basic.reject} without requeue, which the
 * broker dead-letters where the queue has a dead-letter exchange and else drops.
 *
 * <p>When the connection or its channel is lost, what is held is revoked (the broker hands it out again), and the source connects again
 * for as long as it takes. Pausing cancels the subscription at the next delivery and subscribes again when there is capacity; what was on
 * its way, at most the prefetch, is held.
 */
public final class RabbitSource implements SourceFactory<DeliveryTag> {

    private static final Duration GIVE_UP_AFTER = Duration.ofMinutes(1);

    private final String queue;
    private final ConnectionFactory connection;
    private final QueueType queueType;
    private final boolean deadLetters;
    private final Duration giveUpAfter;

    private RabbitSource(
            String queue,
            ConnectionFactory connection,
            QueueType queueType,
            boolean deadLetters,
            Duration giveUpAfter) {
        this.queue = queue;
        this.connection = connection;
        this.queueType = queueType;
        this.deadLetters = deadLetters;
        this.giveUpAfter = giveUpAfter;
    }

    /**
     * Receives from this queue, which must exist, at a server on this machine unless {@link #connection} says otherwise.
     *
     * @param name the queue's name, not blank
     * @return a source with the usual settings
     */
    public static RabbitSource queue(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("queue = \"" + name + "\", must not be blank");
        }
        return new RabbitSource(name, new ConnectionFactory(), QueueType.UNKNOWN, false, GIVE_UP_AFTER);
    }

    /**
     * How to connect: address, user, TLS, heartbeat and the like. Automatic recovery is switched off, threads come from the consumer,
     * and input and output are the client's blocking kind, whatever is set.
     *
     * @param factory copied now; later changes are not seen
     * @return a new source
     */
    public RabbitSource connection(ConnectionFactory factory) {
        return new RabbitSource(queue, factory.clone(), queueType, deadLetters, giveUpAfter);
    }

    /**
     * What kind of queue it is. Decides whether giving back is free, and so how a drain treats what has not started.
     *
     * @param type by default {@link QueueType#UNKNOWN}
     * @return a new source
     */
    public RabbitSource queueType(QueueType type) {
        return new RabbitSource(queue, connection, Objects.requireNonNull(type, "type"), deadLetters, giveUpAfter);
    }

    /**
     * Says that the queue has a dead-letter exchange which keeps what is rejected. AMQP cannot tell: it is believed.
     *
     * @return a new source
     */
    public RabbitSource deadLettering() {
        return new RabbitSource(queue, connection, queueType, true, giveUpAfter);
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
        return new RabbitSource(queue, connection, queueType, deadLetters, atLeast);
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

    String queue() {
        return queue;
    }

    QueueType queueType() {
        return queueType;
    }

    Duration giveUpAfter() {
        return giveUpAfter;
    }

    /** A copy for one connection. */
    ConnectionFactory connectionFactory() {
        return connection.clone();
    }

    /** For logs and errors; no credentials. */
    String address() {
        return connection.getHost() + ":" + connection.getPort();
    }
}
