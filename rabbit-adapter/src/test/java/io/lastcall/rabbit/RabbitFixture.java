package io.lastcall.rabbit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.lastcall.message.Header;
import io.lastcall.message.Headers;
import io.lastcall.spi.SourceFactory;
import io.lastcall.testkit.broker.RabbitBroker;
import io.lastcall.testkit.contract.BrokerFixture;
import io.lastcall.testkit.contract.Destination;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A server of its own for the contract, killed where it wants to be cut off; one queue for each case. */
final class RabbitFixture implements BrokerFixture {

    private static final int CASES = 56;

    private final RabbitBroker broker = RabbitBroker.start();
    private final QueueType type;
    private final boolean free;
    // The cases' one thread. A server that is killed soon after a queue was declared may forget it: these are through a
    // restart.
    private final Deque<String> queues = new ArrayDeque<>();
    // The cases' one thread.
    private boolean dead;

    RabbitFixture(QueueType type) {
        this.type = type;
        for (int i = 0; i < CASES; i++) {
            String name = "contract-" + i;
            queues.add(type == QueueType.QUORUM ? broker.quorumQueue(name) : broker.classicQueue(name));
        }
        broker.stop();
        broker.startAgain();
        this.free = type == QueueType.CLASSIC || is43(broker.version());
    }

    private static boolean is43(String version) {
        String[] numbers = version.split("\\.", -1);
        int major = Integer.parseInt(numbers[0]);
        return major > 4 || (major == 4 && Integer.parseInt(numbers[1]) >= 3);
    }

    @Override
    public Destination create(String name) {
        return new Queue(queues.remove());
    }

    @Override
    public boolean freeRelease() {
        return free;
    }

    /** A classic queue writes acknowledgements down a moment after it has taken them. */
    @Override
    public boolean keepsSettlements() {
        return type == QueueType.QUORUM;
    }

    @Override
    public boolean repeatsHeaders() {
        return false;
    }

    @Override
    public Duration comesBackWithin() {
        return Duration.ofSeconds(20);
    }

    @Override
    public void cut() {
        dead = true;
        broker.kill9();
    }

    @Override
    public void mend() {
        if (dead) {
            dead = false;
            broker.startAgain();
        }
    }

    @Override
    public boolean isClientThread(String threadName) {
        return threadName.startsWith("AMQP Connection");
    }

    @Override
    public void close() {
        broker.close();
    }

    private final class Queue implements Destination {

        private final String name;

        Queue(String name) {
            this.name = name;
        }

        @Override
        public void publish(String key, String body) {
            broker.publish(name, List.of(body));
        }

        @Override
        public void publish(String key, byte[] body, Headers headers) {
            Map<String, Object> table = new HashMap<>();
            headers.forEach(header ->
                    table.put(header.name(), header.kind().equals(Header.TEXT) ? header.text() : header.value()));
            broker.publish(
                    "",
                    name,
                    new AMQP.BasicProperties.Builder()
                            .deliveryMode(2)
                            .headers(table)
                            .build(),
                    body);
        }

        @Override
        public SourceFactory<?> source() {
            return RabbitSource.queue(name).queueType(type).connection(broker.connectionFactory());
        }

        /** A consumer's cancel is confirmed after all that was on its way to it; what comes later is asked for one by one. */
        @Override
        public List<String> takeAvailable(int expected, Duration atMost) throws Exception {
            List<String> taken = new ArrayList<>();
            BlockingQueue<String> came = new LinkedBlockingQueue<>();
            long end = System.nanoTime() + atMost.toNanos();
            try (Connection connection = broker.connectionFactory().newConnection("contract-take");
                    Channel channel = connection.createChannel()) {
                String tag = channel.basicConsume(
                        name, true, (it, delivery) -> came.add(new String(delivery.getBody(), UTF_8)), it -> {});
                while (taken.size() < expected) {
                    String next = came.poll(end - System.nanoTime(), NANOSECONDS);
                    if (next == null) {
                        break;
                    }
                    taken.add(next);
                }
                channel.basicCancel(tag);
                for (GetResponse more = channel.basicGet(name, true);
                        more != null;
                        more = channel.basicGet(name, true)) {
                    taken.add(new String(more.getBody(), UTF_8));
                }
            }
            came.drainTo(taken);
            return taken;
        }
    }
}
