package io.lastcall.testkit.broker;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real RabbitMQ server for tests. Taken from, in this order: an address given in {@value #ADDRESS}; the Debian system in the folder
 * {@value #ROOT}; a container, where a docker
 * daemon answers and has or gets the image; the system's own {@code rabbitmq-server}. Which it was is logged, and why not those
 * before it. Declaring, publishing and counting are for any thread; stopping and starting for one.
 */
public final class RabbitBroker implements AutoCloseable {

    /** The environment variable that names a running server: an AMQP URI with user and password. */
    public static final String ADDRESS = "LASTCALL_RABBITMQ";

    /** The environment variable that names the management plug-in of that server: an HTTP URI with user and password. */
    public static final String MANAGEMENT = "LASTCALL_RABBITMQ_MANAGEMENT";

    /** The environment variable that names another image than {@value #USUAL_IMAGE}. */
    public static final String IMAGE = "LASTCALL_RABBITMQ_IMAGE";

    /**
     * The environment variable in which {@code bin/prepare-brokers} says what it found: with {@code system}, docker is not asked
     * again.
     */
    public static final String FROM = "LASTCALL_RABBITMQ_FROM";

    /**
     * The environment variable that names a folder with a Debian system, such as debootstrap makes, whose RabbitMQ is to be started:
     * so the rules of another version can be tested. Needs root, {@code /proc} and {@code /dev} mounted in it, and
     * {@code 127.0.0.1 localhost} in its {@code /etc/hosts}.
     */
    public static final String ROOT = "LASTCALL_RABBITMQ_ROOT";

    private static final String USUAL_IMAGE = "rabbitmq:4";
    private static final String INSTALL = "apt-get install -y --no-install-recommends rabbitmq-server";
    private static final int CONFIRM_MILLIS = 30_000;
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final Logger log = LoggerFactory.getLogger(RabbitBroker.class);

    private final RabbitServer server;
    private final boolean shared;

    private RabbitBroker(RabbitServer server, boolean shared) {
        this.server = server;
        this.shared = shared;
    }

    /**
     * The server that all tests of this JVM share. Nobody may kill it; it ends with the JVM.
     *
     * @return the server, always the same
     * @throws IllegalStateException when none can be had; says what to type
     */
    public static RabbitBroker shared() {
        return Shared.BROKER;
    }

    /**
     * Starts a server for one test, which may kill it. An address from outside is not looked at: it could not be killed.
     *
     * @return the server; the caller closes it
     * @throws IllegalStateException when none can be had; says what to type
     */
    public static RabbitBroker start() {
        return start(Map.of());
    }

    /**
     * Starts a server for one test, which may kill it, with other settings.
     *
     * @param settings of the Erlang application {@code rabbit}, such as {@code consumer_timeout} in milliseconds
     * @return the server; the caller closes it
     * @throws IllegalStateException when none can be had; says what to type
     */
    public static RabbitBroker start(Map<String, Integer> settings) {
        return new RabbitBroker(own(new ArrayList<>(), false, settings), false);
    }

    private static RabbitServer own(List<String> without, boolean shared, Map<String, Integer> settings) {
        long begin = System.nanoTime();
        String root = System.getenv(ROOT);
        RabbitServer server = root != null && !root.isBlank()
                ? RabbitNode.start(RabbitNode.placeIn(Path.of(root)), settings)
                : usual(without, settings);
        log.info(
                "rabbitmq started as={} address={} shared={} root=\"{}\" without=\"{}\" tookMs={}",
                server.kind(),
                address(server.amqp()),
                shared,
                root == null ? "" : root,
                String.join(", ", without),
                (System.nanoTime() - begin) / 1_000_000);
        return server;
    }

    private static RabbitServer usual(List<String> without, Map<String, Integer> settings) {
        String image = Optional.ofNullable(System.getenv(IMAGE))
                .filter(it -> !it.isBlank())
                .orElse(USUAL_IMAGE);
        Optional<String> obstacle = "system".equals(System.getenv(FROM))
                ? Optional.of(FROM + " is system")
                : RabbitContainer.obstacle(image);
        if (obstacle.isEmpty()) {
            return RabbitContainer.start(image, settings);
        }
        without.add(obstacle.get());
        RabbitNode.Place place = RabbitNode.place()
                .orElseThrow(() -> new IllegalStateException("no RabbitMQ: " + String.join(", ", without)
                        + ", no rabbitmq-server is installed. Type: " + INSTALL
                        + " (on Debian, as root), or start Docker, or set "
                        + ADDRESS + "=amqp://user:password@host:5672 and " + MANAGEMENT
                        + "=http://user:password@host:15672"));
        return RabbitNode.start(place, settings);
    }

    /**
     * How to connect.
     *
     * @return a new factory each time, with address, user and password set
     */
    public ConnectionFactory connectionFactory() {
        ConnectionFactory factory = new ConnectionFactory();
        try {
            factory.setUri(server.amqp());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ADDRESS + " is not an AMQP address: " + address(server.amqp()), e);
        }
        factory.setAutomaticRecoveryEnabled(false);
        return factory;
    }

    /**
     * The server's version, from the properties that it sends when a client connects.
     *
     * @return such as {@code 3.10.8}
     */
    public String version() {
        return with(channel -> Objects.requireNonNull(
                        channel.getConnection().getServerProperties().get("version"), "version")
                .toString());
    }

    /**
     * A name that nobody has used yet.
     *
     * @param prefix how it begins
     * @return the name
     */
    public String newName(String prefix) {
        return prefix + "-" + NAMES.incrementAndGet() + "-" + Long.toString(System.nanoTime(), 36);
    }

    /**
     * Declares a durable classic queue.
     *
     * @param name the name
     * @return the name
     */
    public String classicQueue(String name) {
        return queue(name, Map.of("x-queue-type", "classic"));
    }

    /**
     * Declares a quorum queue.
     *
     * @param name the name
     * @return the name
     */
    public String quorumQueue(String name) {
        return queue(name, Map.of("x-queue-type", "quorum"));
    }

    /**
     * Declares a durable classic queue that dead-letters to another one.
     *
     * @param name the name
     * @param deadLetters the queue for what is rejected; declared too
     * @return the name
     */
    public String deadLetteringQueue(String name, String deadLetters) {
        classicQueue(deadLetters);
        return queue(
                name,
                Map.of(
                        "x-queue-type",
                        "classic",
                        "x-dead-letter-exchange",
                        "",
                        "x-dead-letter-routing-key",
                        deadLetters));
    }

    /**
     * Declares a durable queue.
     *
     * @param name the name
     * @param arguments its {@code x-} arguments
     * @return the name
     */
    public String queue(String name, Map<String, Object> arguments) {
        return with(channel ->
                channel.queueDeclare(name, true, false, false, arguments).getQueue());
    }

    /**
     * Binds a queue to an exchange.
     *
     * @param queue the queue
     * @param exchange the exchange, which must exist
     * @param routingKey for which key
     */
    public void bind(String queue, String exchange, String routingKey) {
        with(channel -> channel.queueBind(queue, exchange, routingKey));
    }

    /**
     * Deletes a queue with all it holds.
     *
     * @param name the name
     */
    public void delete(String name) {
        with(channel -> channel.queueDelete(name));
    }

    /**
     * Publishes persistent messages without further properties, and waits until all are confirmed.
     *
     * @param queue where to
     * @param bodies the bodies, as UTF-8
     */
    public void publish(String queue, List<String> bodies) {
        with(channel -> {
            channel.confirmSelect();
            AMQP.BasicProperties persistent =
                    new AMQP.BasicProperties.Builder().deliveryMode(2).build();
            for (String body : bodies) {
                channel.basicPublish("", queue, true, persistent, body.getBytes(StandardCharsets.UTF_8));
            }
            return confirmed(channel);
        });
    }

    /**
     * Publishes one message and waits until it is confirmed.
     *
     * @param exchange where to
     * @param routingKey by which key
     * @param properties its properties
     * @param body its body
     */
    public void publish(String exchange, String routingKey, AMQP.BasicProperties properties, byte[] body) {
        with(channel -> {
            channel.confirmSelect();
            channel.basicPublish(exchange, routingKey, true, properties, body);
            return confirmed(channel);
        });
    }

    /**
     * Takes all messages that are ready now.
     *
     * @param queue from where
     * @return the messages, acknowledged already
     */
    public List<GetResponse> take(String queue) {
        return with(channel -> {
            List<GetResponse> all = new ArrayList<>();
            for (GetResponse next = channel.basicGet(queue, true); next != null; next = channel.basicGet(queue, true)) {
                all.add(next);
            }
            return all;
        });
    }

    /**
     * How many messages are ready, asked of the queue itself.
     *
     * @param queue the queue
     * @return the number
     */
    public int ready(String queue) {
        return with(channel -> channel.queueDeclarePassive(queue).getMessageCount());
    }

    /**
     * How many consumers a queue has.
     *
     * @param queue the queue
     * @return the number
     */
    public int consumers(String queue) {
        return with(channel -> channel.queueDeclarePassive(queue).getConsumerCount());
    }

    /**
     * How many messages were delivered and not yet settled, by the management plug-in. A quorum queue tells it with a delay of a
     * quarter of a second, of five seconds where the server was given from outside.
     *
     * @param queue the queue
     * @return the number
     */
    public int unacknowledged(String queue) {
        return management().unacknowledged(queue);
    }

    /**
     * Makes the server close connections, as an operator does.
     *
     * @param clientName the name that the client gave its connection
     * @return how many were closed; the server may not know a new connection for some seconds
     */
    public int closeConnections(String clientName) {
        return management().closeConnections(clientName);
    }

    /**
     * The end of a server that was started here, whoever ended it.
     *
     * @return completes with the exit status; never for a server that was given
     */
    public CompletionStage<Integer> ended() {
        return server.ended();
    }

    /**
     * Kills it (SIGKILL) and waits for its end. Port and data stay for {@link #startAgain()}, but for what RabbitMQ writes to disk
     * later: a queue that was declared in the last second (seen at 3.10: gone, or a quorum queue that never finds a leader), and
     * acknowledgements that came just before. Queues that must stay are declared before a {@link #stop()}.
     */
    public void kill9() {
        ours().kill9();
    }

    /** Stops it in order and waits for its end. Port and data stay for {@link #startAgain()}. */
    public void stop() {
        ours().stop();
    }

    /** Starts it again on the same port and data, after it was killed or stopped; returns when it is ready. */
    public void startAgain() {
        ours().startAgain();
    }

    /** Freezes it: connections stay open and nobody answers. */
    public void suspend() {
        ours().suspend();
    }

    /** Lets it go on after {@link #suspend()}. */
    public void resume() {
        ours().resume();
    }

    /**
     * Raises or ends the memory alarm, in which the server stops reading from connections that publish and tells them so.
     *
     * @param on whether it is raised
     */
    public void memoryAlarm(boolean on) {
        ours().control("set_vm_memory_high_watermark", on ? "0.000001" : "0.6");
    }

    /** Ends it and deletes its data. Does nothing to a shared server. */
    @Override
    public void close() {
        if (!shared) {
            server.close();
        }
    }

    private RabbitServer ours() {
        if (shared) {
            throw new IllegalStateException("the shared server is not to be stopped: use RabbitBroker.start()");
        }
        return server;
    }

    private RabbitManagement management() {
        URI address = server.management();
        if (address == null) {
            throw new IllegalStateException(
                    MANAGEMENT + " is not set, must be the address of the management plug-in of " + ADDRESS);
        }
        return new RabbitManagement(address);
    }

    private <T> T with(Use<T> use) {
        try (Connection connection = connectionFactory().newConnection("lastcall-testkit");
                Channel channel = connection.createChannel()) {
            return use.on(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (TimeoutException e) {
            throw new IllegalStateException(address(server.amqp()) + " does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for rabbitmq", e);
        }
    }

    private static boolean confirmed(Channel channel) throws IOException, InterruptedException, TimeoutException {
        channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
        return true;
    }

    private static String address(URI withPassword) {
        return withPassword.getHost() + ":" + withPassword.getPort();
    }

    /** What is done on a channel that is opened for it. */
    @FunctionalInterface
    private interface Use<T> {
        T on(Channel channel) throws IOException, TimeoutException, InterruptedException;
    }

    private static final class Shared {

        private static final RabbitBroker BROKER = new RabbitBroker(open(), true);

        private static RabbitServer open() {
            List<String> without = new ArrayList<>();
            String given = System.getenv(ADDRESS);
            if (given == null || given.isBlank()) {
                without.add(ADDRESS + " is not set");
                return own(without, true, Map.of());
            }
            String management = System.getenv(MANAGEMENT);
            RabbitServer server = new GivenRabbit(
                    URI.create(given), management == null || management.isBlank() ? null : URI.create(management));
            log.info("rabbitmq given as={} address={} by={}", server.kind(), address(server.amqp()), ADDRESS);
            return server;
        }
    }
}
