package io.lastcall.examples.demo;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import io.lastcall.ConsumerBuilder;
import io.lastcall.MessageConsumer;
import io.lastcall.rabbit.QueueType;
import io.lastcall.rabbit.RabbitDeadLetters;
import io.lastcall.rabbit.RabbitSource;
import io.lastcall.testkit.broker.RabbitBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Orders on a quorum queue behind an exchange, the customer as routing key, of a RabbitMQ server that is started for this and runs in a
 * process of its own. One thread publishes; else safe for any thread.
 */
final class RabbitOrders implements OrderBroker {

    private static final String ORDERS = "orders";
    private static final String DEAD = "orders.dead";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final AMQP.BasicProperties PERSISTENT =
            new AMQP.BasicProperties.Builder().deliveryMode(2).build();

    private final RabbitBroker broker;
    private final Connection connection;
    private final Channel channel;
    private final RabbitDeadLetters deadLetters;

    /** Published and not confirmed yet, by the channel's numbers. */
    private final NavigableMap<Long, Waiting> unconfirmed = new ConcurrentSkipListMap<>();

    private record Waiting(Order order, Ledger ledger) {}

    private RabbitOrders(RabbitBroker broker) throws IOException, TimeoutException {
        this.broker = broker;
        broker.quorumQueue(ORDERS);
        broker.quorumQueue(DEAD);
        this.connection = broker.connectionFactory().newConnection("demo-publisher");
        this.channel = connection.createChannel();
        channel.exchangeDeclare(ORDERS, BuiltinExchangeType.TOPIC, true);
        channel.queueBind(ORDERS, ORDERS, "#");
        channel.confirmSelect();
        channel.addConfirmListener(
                (number, multiple) -> answered(number, multiple, it -> it.ledger.published(it.order)),
                (number, multiple) -> answered(
                        number,
                        multiple,
                        it -> it.ledger.publishingFailed(
                                new IllegalStateException("the server refused order " + it.order.id()))));
        this.deadLetters = RabbitDeadLetters.open(broker.connectionFactory(), DEAD);
    }

    private void answered(long number, boolean multiple, Consumer<Waiting> told) {
        if (multiple) {
            NavigableMap<Long, Waiting> all = unconfirmed.headMap(number, true);
            all.values().forEach(told);
            all.clear();
            return;
        }
        Waiting one = unconfirmed.remove(number);
        if (one != null) {
            told.accept(one);
        }
    }

    /** Starts the server and waits until it is ready. */
    static RabbitOrders start() {
        RabbitBroker broker = RabbitBroker.start();
        try {
            return new RabbitOrders(broker);
        } catch (IOException e) {
            broker.close();
            throw new UncheckedIOException(e);
        } catch (TimeoutException e) {
            broker.close();
            throw new IllegalStateException("the RabbitMQ server does not answer", e);
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "rabbit";
    }

    @Override
    public String description() {
        return "a RabbitMQ " + broker.version() + " of its own at port "
                + broker.connectionFactory().getPort() + ", quorum queue";
    }

    @Override
    public CompletionStage<String> gone() {
        return broker.ended().thenApply(status -> "the RabbitMQ server has ended with status " + status);
    }

    @Override
    public boolean publish(Order order, Ledger ledger) {
        unconfirmed.put(channel.getNextPublishSeqNo(), new Waiting(order, ledger));
        try {
            channel.basicPublish(ORDERS, order.customer(), PERSISTENT, order.body());
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void finishPublishing() {
        try {
            channel.waitForConfirms(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException | ShutdownSignalException e) {
            unconfirmed.values().forEach(it -> it.ledger.publishingFailed(e));
        }
    }

    @Override
    public ConsumerBuilder<byte[]> subscribe() {
        return MessageConsumer.from(
                        RabbitSource.queue(ORDERS).queueType(QueueType.QUORUM).connection(broker.connectionFactory()))
                .deadLetters(deadLetters);
    }

    @Override
    public Map<String, AutoCloseable> resources() {
        return Map.of(DEAD, deadLetters);
    }

    @Override
    public Evidence readBack() {
        return new Evidence(take(ORDERS), take(DEAD));
    }

    private List<Integer> take(String queue) {
        return broker.take(queue).stream()
                .map(it -> Order.read(it.getBody()).id())
                .toList();
    }

    @Override
    public String whereAvailable() {
        return "in the queue";
    }

    @Override
    public void close() {
        connection.abort();
        broker.close();
    }
}
