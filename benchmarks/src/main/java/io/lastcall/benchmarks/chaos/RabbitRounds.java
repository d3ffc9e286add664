package io.lastcall.benchmarks.chaos;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.lastcall.ConsumerBuilder;
import io.lastcall.MessageConsumer;
import io.lastcall.rabbit.QueueType;
import io.lastcall.rabbit.RabbitSource;
import io.lastcall.testkit.broker.RabbitBroker;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Rounds on RabbitMQ: an exchange and a queue each, the key as routing key; a third of the session is the heartbeat. */
final class RabbitRounds implements ChaosBroker {

    private static final AMQP.BasicProperties PERSISTENT =
            new AMQP.BasicProperties.Builder().deliveryMode(2).build();

    private final RabbitBroker broker = RabbitBroker.start();

    @Override
    public RoundQueue open(RoundPlan plan) throws Patience.OverException {
        String name = broker.newName("chaos-");
        if (plan.subscription() == Subscription.QUORUM) {
            broker.quorumQueue(name);
        } else {
            broker.classicQueue(name);
        }
        Queue queue = new Queue(name);
        queue.bind();
        return queue;
    }

    @Override
    public void kill9() {
        broker.kill9();
    }

    @Override
    public void startAgain() {
        broker.startAgain();
    }

    @Override
    public void close() {
        broker.close();
    }

    /** What a member consumes. */
    static ConsumerBuilder<byte[]> consumer(MemberPlan plan) {
        ConnectionFactory factory = new ConnectionFactory();
        try {
            factory.setUri(URI.create(plan.address()));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("address = " + plan.address(), e);
        }
        factory.setRequestedHeartbeat((int) Math.max(1, plan.session().toSeconds() / 3));
        return MessageConsumer.from(RabbitSource.queue(plan.queue())
                .queueType(plan.subscription() == Subscription.QUORUM ? QueueType.QUORUM : QueueType.CLASSIC)
                .connection(factory));
    }

    private final class Queue implements RoundQueue {

        private final String name;

        /** Published on the present channel and not answered yet, by its numbers. */
        private final NavigableMap<Long, CompletableFuture<Boolean>> waiting = new ConcurrentSkipListMap<>();

        /** The publishing thread's; null when there is none. */
        private @Nullable Channel channel;

        Queue(String name) {
            this.name = name;
        }

        void bind() throws Patience.OverException {
            try (Connection connection = broker.connectionFactory().newConnection("chaos-bind");
                    Channel once = connection.createChannel()) {
                once.exchangeDeclare(name, BuiltinExchangeType.TOPIC, true);
                once.queueBind(name, name, "#");
            } catch (IOException | TimeoutException e) {
                throw new Patience.OverException("no exchange " + name, e);
            }
        }

        @Override
        public String address() {
            ConnectionFactory factory = broker.connectionFactory();
            return "amqp://" + factory.getUsername() + ":" + factory.getPassword() + "@" + factory.getHost() + ":"
                    + factory.getPort();
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public CompletableFuture<Boolean> publish(int id, int key) {
            CompletableFuture<Boolean> answer = new CompletableFuture<>();
            try {
                Channel open = channel;
                if (open == null) {
                    open = connect();
                    channel = open;
                }
                waiting.put(open.getNextPublishSeqNo(), answer);
                open.basicPublish(name, "key-" + key, true, PERSISTENT, RoundQueue.body(id, key));
                if (!open.isOpen()) { // it may have closed before its loss could be told to this one
                    lost();
                }
            } catch (IOException | AlreadyClosedException | TimeoutException e) {
                lost();
                answer.complete(false);
            }
            return answer;
        }

        private Channel connect() throws IOException, TimeoutException {
            Connection connection = broker.connectionFactory().newConnection("chaos-publisher");
            Channel opened = connection.createChannel();
            opened.confirmSelect();
            opened.addConfirmListener(
                    (number, multiple) -> answered(number, multiple, true),
                    (number, multiple) -> answered(number, multiple, false));
            opened.addShutdownListener(cause -> answerAll());
            return opened;
        }

        private void lost() {
            Channel closed = channel;
            channel = null;
            if (closed != null) {
                closed.getConnection().abort();
            }
            answerAll();
        }

        private void answered(long number, boolean multiple, boolean taken) {
            if (multiple) {
                NavigableMap<Long, CompletableFuture<Boolean>> all = waiting.headMap(number, true);
                List<CompletableFuture<Boolean>> answers = new ArrayList<>(all.values());
                all.clear();
                answers.forEach(it -> it.complete(taken));
                return;
            }
            CompletableFuture<Boolean> one = waiting.remove(number);
            if (one != null) {
                one.complete(taken);
            }
        }

        private void answerAll() {
            answered(Long.MAX_VALUE, true, false);
        }

        @Override
        public void close() {
            Channel open = channel;
            if (open != null) {
                open.getConnection().abort();
            }
            broker.delete(name);
        }
    }
}
