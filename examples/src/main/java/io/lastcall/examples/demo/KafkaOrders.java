package io.lastcall.examples.demo;

import io.lastcall.ConsumerBuilder;
import io.lastcall.MessageConsumer;
import io.lastcall.kafka.KafkaDeadLetters;
import io.lastcall.kafka.KafkaProgress;
import io.lastcall.kafka.KafkaSource;
import io.lastcall.testkit.broker.KafkaBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Orders on a real Kafka broker that is started for this and runs in a process of its own. Safe for any thread. */
final class KafkaOrders implements OrderBroker {

    static final int PARTITIONS = 4;
    private static final String TOPIC = "orders";
    private static final String DEAD = "orders.dead";
    private static final String GROUP = "kitchen";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final KafkaBroker broker;
    private final KafkaProducer<byte[], byte[]> producer;
    private final KafkaDeadLetters deadLetters;

    private KafkaOrders(KafkaBroker broker) {
        this.broker = broker;
        broker.createTopic(TOPIC, PARTITIONS);
        broker.createTopic(DEAD, 1);
        this.producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.bootstrap(),
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.LINGER_MS_CONFIG,
                        5,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        5_000,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        10_000),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        this.deadLetters = KafkaDeadLetters.open(Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrap()));
    }

    /** Starts the broker and waits until it is ready. */
    static KafkaOrders start() {
        KafkaBroker broker = KafkaBroker.start();
        try {
            return new KafkaOrders(broker);
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public String description() {
        return "a Kafka broker of its own at " + broker.bootstrap() + ", " + PARTITIONS + " partitions";
    }

    @Override
    public CompletionStage<String> gone() {
        return broker.ended().thenApply(status -> "the Kafka broker has ended with status " + status);
    }

    @Override
    public boolean publish(Order order, Ledger ledger) {
        var unused = producer.send(new ProducerRecord<>(TOPIC, order.key(), order.body()), (place, error) -> {
            if (error == null) {
                ledger.published(order);
            } else {
                ledger.publishingFailed(error);
            }
        });
        return true;
    }

    @Override
    public void finishPublishing() {
        producer.flush();
    }

    @Override
    public ConsumerBuilder<byte[]> subscribe() {
        return MessageConsumer.from(KafkaSource.topics(TOPIC)
                        .groupId(GROUP)
                        .properties(Map.of(
                                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                broker.bootstrap(),
                                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                                "earliest"))
                        .commitInterval(Duration.ofMillis(200)))
                .deadLetters(deadLetters);
    }

    @Override
    public Map<String, AutoCloseable> resources() {
        return Map.of(DEAD, deadLetters);
    }

    @Override
    public Evidence readBack() {
        return new Evidence(read(TOPIC, broker.committed(GROUP)), read(DEAD, Map.of()));
    }

    /** The orders of a topic that are not done, by what was committed. */
    private List<Integer> read(String topic, Map<TopicPartition, OffsetAndMetadata> committed) {
        Map<TopicPartition, Long> ends = broker.endOffsets(topic);
        List<Integer> orders = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (KafkaConsumer<byte[], byte[]> reader = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.bootstrap(),
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "none"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            reader.assign(ends.keySet());
            Map<TopicPartition, KafkaProgress> progress = new HashMap<>();
            ends.keySet().forEach(it -> {
                OffsetAndMetadata from = committed.getOrDefault(it, new OffsetAndMetadata(0));
                progress.put(it, KafkaProgress.of(from));
                reader.seek(it, from.offset());
            });
            while (ends.entrySet().stream().anyMatch(end -> reader.position(end.getKey()) < end.getValue())) {
                if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("topic " + topic + " could not be read back within " + PATIENCE);
                }
                for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofSeconds(1))) {
                    KafkaProgress done = progress.get(new TopicPartition(record.topic(), record.partition()));
                    if (done == null || !done.isDone(record.offset())) {
                        orders.add(Order.read(record.value()).id());
                    }
                }
            }
        }
        return orders;
    }

    @Override
    public String whereAvailable() {
        return "not done by the committed offsets and their metadata";
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
        broker.close();
    }
}
