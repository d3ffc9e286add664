package io.lastcall.benchmarks.broker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import io.lastcall.ConsumerBuilder;
import io.lastcall.MessageConsumer;
import io.lastcall.rabbit.QueueType;
import io.lastcall.rabbit.RabbitSource;
import io.lastcall.testkit.broker.RabbitBroker;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Classic queues of RabbitMQ. The bare client has the same prefetch as ours. */
final class RabbitQueues implements Queues {

    private final RabbitBroker broker = RabbitBroker.start();
    private final int limit;

    /**
     * No queue yet.
     *
     * @param limit how many messages a consumer holds, and so the prefetch; 0 for ours by default
     */
    RabbitQueues(int limit) {
        this.limit = limit;
    }

    @Override
    public String fill(int messages) {
        String queue = broker.classicQueue(broker.newName("queue"));
        broker.publish(
                queue, IntStream.range(0, messages).mapToObj(Queues::body).toList());
        return queue;
    }

    private RabbitSource source(String queue) {
        return RabbitSource.queue(queue).connection(broker.connectionFactory()).queueType(QueueType.CLASSIC);
    }

    private int prefetch(String queue, int handlers) {
        return limit > 0 ? limit : source(queue).defaultLimit(handlers);
    }

    @Override
    public ConsumerBuilder<byte[]> ours(String queue, int handlers) {
        return MessageConsumer.from(source(queue))
                .name("bench")
                .concurrency(handlers)
                .limit(prefetch(queue, handlers))
                .dropRejected();
    }

    @Override
    public AutoCloseable bare(String queue, int handlers, Work work) throws Exception {
        Connection connection = broker.connectionFactory().newConnection("bare");
        Channel channel = connection.createChannel();
        channel.basicQos(prefetch(queue, handlers));
        BareConsumer consumer = new BareConsumer(channel, handlers, work);
        String tag = channel.basicConsume(queue, false, consumer);
        return () -> {
            if (connection.isOpen()) {
                consumer.stop(tag);
                connection.close();
            }
        };
    }

    /** Acknowledges one by one, as the tutorials teach; on threads of its own where there are several handlers. */
    private static final class BareConsumer extends DefaultConsumer {

        private final Work work;
        private final int handlers;
        private final ExecutorService threads;
        private final CountDownLatch cancelled = new CountDownLatch(1);

        /** Written by who stops, read by the handlers. */
        private volatile boolean stopping;

        BareConsumer(Channel channel, int handlers, Work work) {
            super(channel);
            this.work = work;
            this.handlers = handlers;
            this.threads = Executors.newFixedThreadPool(handlers, BareThreads.factory());
        }

        @Override
        public void handleDelivery(String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
                throws IOException {
            if (handlers == 1) {
                handle(envelope, body);
                return;
            }
            threads.execute(() -> {
                try {
                    if (!stopping) {
                        handle(envelope, body);
                    }
                } catch (IOException e) {
                    throw new IllegalStateException("an acknowledgement was not taken", e);
                }
            });
        }

        private void handle(Envelope envelope, byte[] body) throws IOException {
            try {
                work.on(Queues.number(body));
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts the bare client", e);
            }
            getChannel().basicAck(envelope.getDeliveryTag(), false);
        }

        @Override
        public void handleCancelOk(String tag) {
            cancelled.countDown();
        }

        /** Handlers that have begun end; what has not begun goes back with the connection. */
        void stop(String tag) throws IOException, InterruptedException {
            stopping = true;
            getChannel().basicCancel(tag);
            cancelled.await();
            threads.shutdown();
            if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("the handlers of the bare client do not end");
            }
        }
    }

    @Override
    public long left(String queue) {
        // Of what was acknowledged nothing comes back when its connection has ended.
        return broker.ready(queue);
    }

    @Override
    public List<Integer> takeRest(String queue) {
        return broker.take(queue).stream()
                .map(GetResponse::getBody)
                .map(Queues::number)
                .toList();
    }

    @Override
    public Map<String, Number> figures(long messagesOfEach) {
        return Map.of();
    }

    @Override
    public void close() {
        broker.close();
    }
}
