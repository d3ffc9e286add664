package io.lastcall.testkit.broker;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka broker: one given from outside by the environment variable {@value #ADDRESS}, or a KRaft node in a JVM of its own, run
 * from {@code kafka_2.13} on the class path of this one. Questions may be asked by any thread; starting and killing is for one
 * thread at a time.
 */
public final class KafkaBroker implements AutoCloseable {

    /** Names the environment variable with bootstrap servers that the shared broker is taken from. */
    public static final String ADDRESS = "LASTCALL_KAFKA";

    private static final Logger log = LoggerFactory.getLogger(KafkaBroker.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final AtomicInteger TOPICS = new AtomicInteger();

    private final String bootstrap;
    private final @Nullable KafkaNode node;
    private final boolean shared;
    private final Admin admin;
    // The caller's one thread.
    private final List<KafkaNode> joined = new ArrayList<>();

    private KafkaBroker(String bootstrap, @Nullable KafkaNode node, boolean shared) {
        this.bootstrap = bootstrap;
        this.node = node;
        this.shared = shared;
        this.admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                200));
    }

    /**
     * The broker that all tests of this JVM share: the one at {@value #ADDRESS} where that is set, else one that is started now
     * and ends with the JVM. Nobody may kill it.
     *
     * @return the broker, always the same
     */
    public static KafkaBroker shared() {
        return Shared.BROKER;
    }

    /**
     * Starts a broker for one test, which may kill it.
     *
     * @return the broker; the caller closes it
     */
    public static KafkaBroker start() {
        return start(Map.of());
    }

    /**
     * Starts a broker for one test, which may kill it.
     *
     * @param settings for its {@code server.properties}, instead of or added to the usual ones
     * @return the broker; the caller closes it
     */
    public static KafkaBroker start(Map<String, String> settings) {
        return start(settings, false);
    }

    private static KafkaBroker start(Map<String, String> settings, boolean shared) {
        long begin = System.nanoTime();
        KafkaNode node = KafkaNode.start(settings);
        log.info(
                "kafka started bootstrap={} pid={} folder={} shared={} tookMs={}",
                node.bootstrap(),
                node.process().pid(),
                node.folder(),
                shared,
                (System.nanoTime() - begin) / 1_000_000);
        return new KafkaBroker(node.bootstrap(), node, shared);
    }

    /**
     * Where clients connect.
     *
     * @return {@code bootstrap.servers}
     */
    public String bootstrap() {
        return bootstrap;
    }

    /**
     * Makes a topic and waits until the broker takes records for each of its partitions. A producer that came sooner could be stuck:
     * its first batch is refused by a broker that does not lead yet, the second is taken, and from then on the sequence is out of order.
     *
     * @param name the name
     * @param partitions how many partitions
     * @return the name
     */
    public String createTopic(String name, int partitions) {
        answer(admin.createTopics(List.of(new NewTopic(name, Optional.of(partitions), Optional.empty())))
                .all());
        awaitKnown(name);
        // Answered by the leaders; the client asks again until there are some.
        answer(admin.listOffsets(latest(name, partitions)).all());
        return name;
    }

    /** The controller has made it; the broker hears of it a moment later. A producer asks again until it has, an admin client does not. */
    private void awaitKnown(String topic) {
        Map<String, Object> settings = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                PATIENCE.toMillis(),
                ProducerConfig.RETRY_BACKOFF_MS_CONFIG,
                10);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.partitionsFor(topic);
        }
    }

    /**
     * Makes a topic whose name nobody has used yet.
     *
     * @param partitions how many partitions
     * @return the name
     */
    public String newTopic(int partitions) {
        return createTopic(newName("topic"), partitions);
    }

    /**
     * A name that nobody has used yet, for a topic or a group.
     *
     * @param prefix how it begins
     * @return the name
     */
    public String newName(String prefix) {
        return prefix + "-" + TOPICS.incrementAndGet() + "-" + Long.toString(System.nanoTime(), 36);
    }

    /**
     * What a group has committed.
     *
     * @param group the group
     * @return offsets of the partitions that have one
     */
    public Map<TopicPartition, OffsetAndMetadata> committed(String group) {
        return answer(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
    }

    /**
     * What a group has committed for one partition.
     *
     * @param group the group
     * @param topic the topic
     * @param partition the partition
     * @return the offset, empty where none was committed
     */
    public Optional<Long> committed(String group, String topic, int partition) {
        return Optional.ofNullable(committed(group).get(new TopicPartition(topic, partition)))
                .map(OffsetAndMetadata::offset);
    }

    /**
     * The offsets that the next records will get.
     *
     * @param topic the topic
     * @return the offset of each partition
     */
    public Map<TopicPartition, Long> endOffsets(String topic) {
        int partitions = Objects.requireNonNull(
                        answer(admin.describeTopics(List.of(topic)).allTopicNames())
                                .get(topic),
                        topic)
                .partitions()
                .size();
        return answer(admin.listOffsets(latest(topic, partitions)).all()).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, end -> end.getValue().offset()));
    }

    private static Map<TopicPartition, OffsetSpec> latest(String topic, int partitions) {
        return IntStream.range(0, partitions)
                .boxed()
                .collect(Collectors.toMap(it -> new TopicPartition(topic, it), it -> OffsetSpec.latest()));
    }

    /**
     * For questions that have no method here.
     *
     * @return the admin client, which is closed with this broker
     */
    public Admin admin() {
        return admin;
    }

    /**
     * The end of a broker that was started here, whoever ended it.
     *
     * @return completes with the exit status; never for a broker that was given
     */
    public CompletionStage<Integer> ended() {
        return node == null ? new CompletableFuture<>() : node.process().ended();
    }

    /** Kills it (SIGKILL) and waits for its end. Port and data stay for {@link #startAgain()}. */
    public void kill9() {
        ours().process().kill9();
    }

    /** Stops it in order (SIGTERM) and waits for its end. Port and data stay for {@link #startAgain()}. */
    public void stop() {
        ours().stop();
    }

    /** Starts it again on the same port and data, after it was killed or stopped; returns when it is ready. */
    public void startAgain() {
        ours().startAgain();
    }

    /**
     * Adds a broker to this one, which stays the controller: from then on what this one leads can be moved there.
     *
     * @param id its number; this one's is 1
     */
    public void join(int id) {
        joined.add(ours().join(id));
    }

    /** Freezes it: connections stay open and nobody answers. */
    public void suspend() {
        ours().process().suspend();
    }

    /** Lets it go on after {@link #suspend()}. */
    public void resume() {
        ours().process().resume();
    }

    /** Ends it and deletes its data. Does nothing to a shared broker. */
    @Override
    public void close() {
        if (shared || node == null) {
            return;
        }
        admin.close(Duration.ZERO);
        joined.forEach(KafkaNode::close);
        node.close();
    }

    private KafkaNode ours() {
        if (node == null) {
            throw new IllegalStateException("the broker at " + bootstrap + " was given by " + ADDRESS
                    + ": use KafkaBroker.start() to stop one");
        }
        if (shared) {
            throw new IllegalStateException("the shared broker is not to be stopped: use KafkaBroker.start()");
        }
        return node;
    }

    private static <T> T answer(KafkaFuture<T> asked) {
        try {
            return asked.get(PATIENCE.toSeconds(), SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("kafka did not do what it was asked for", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for kafka", e);
        }
    }

    private static final class Shared {

        private static final KafkaBroker BROKER = open();

        private static KafkaBroker open() {
            String given = System.getenv(ADDRESS);
            if (given == null || given.isBlank()) {
                return start(Map.of(), true);
            }
            log.info("kafka given bootstrap={} by={}", given, ADDRESS);
            return new KafkaBroker(given, null, true);
        }
    }
}
