package io.lastcall.kafka;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.lastcall.testkit.broker.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A topic of its own with a group of its own, and plain clients to look at both. */
final class Trial implements AutoCloseable {

    static final Duration SOON = Duration.ofSeconds(30);

    final KafkaBroker broker;
    final String topic;
    final String group;
    private final KafkaProducer<byte[], byte[]> producer;

    Trial(KafkaBroker broker, int partitions) {
        this.broker = broker;
        this.topic = broker.newTopic(partitions);
        this.group = broker.newName("group");
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "linger.ms", 0, "reconnect.backoff.max.ms", 200),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** A subscription of the group that reads from the beginning and commits soon. */
    KafkaSource source(Map<String, ?> more) {
        return completed(KafkaSource.topics(topic), more);
    }

    /** The same of a given partition. */
    KafkaSource assigned(Map<String, ?> more, TopicPartition partition) {
        return completed(KafkaSource.partitions(partition), more);
    }

    private KafkaSource completed(KafkaSource source, Map<String, ?> more) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("bootstrap.servers", broker.bootstrap());
        properties.put("auto.offset.reset", "earliest");
        properties.put("reconnect.backoff.max.ms", 200);
        properties.putAll(more);
        return source.groupId(group).properties(properties).commitInterval(Duration.ofMillis(100));
    }

    KafkaSource source(String protocol) {
        return source(protocol(protocol));
    }

    /** Short sessions, which the broker decides on in the newer protocol. */
    static Map<String, Object> protocol(String protocol) {
        return protocol.equals("classic")
                ? Map.of("session.timeout.ms", 6000, "heartbeat.interval.ms", 200)
                : Map.of("group.protocol", protocol);
    }

    static Map<String, Object> with(Map<String, ?> one, Map<String, ?> other) {
        Map<String, Object> both = new HashMap<>(one);
        both.putAll(other);
        return both;
    }

    /** Values from {@code first} on, in this order. */
    void send(int partition, int first, int count) throws Exception {
        List<Future<?>> sent = new ArrayList<>();
        for (int i = first; i < first + count; i++) {
            sent.add(producer.send(new ProducerRecord<>(topic, partition, null, bytes(Integer.toString(i)))));
        }
        for (Future<?> one : sent) {
            one.get(30, SECONDS);
        }
    }

    void send(ProducerRecord<byte[], byte[]> message) throws Exception {
        producer.send(message).get(30, SECONDS);
    }

    void sendKeyed(int partition, String key, String value) throws Exception {
        send(new ProducerRecord<>(topic, partition, bytes(key), bytes(value)));
    }

    /** The broker throws all members out; they hear of it with their next heartbeat. */
    void expelAll() throws Exception {
        broker.admin()
                .removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
                .all()
                .get(30, SECONDS);
    }

    Optional<Long> committed(int partition) {
        return broker.committed(group, topic, partition);
    }

    /** How many members the group has, as the broker sees it. */
    int members() throws Exception {
        var described =
                broker.admin().describeConsumerGroups(List.of(group)).all().get(30, SECONDS);
        return requireNonNull(described.get(group)).members().size();
    }

    /** All records of a topic, read by a plain client. */
    List<ConsumerRecord<byte[], byte[]>> readAll(String from) {
        Map<TopicPartition, Long> ends = broker.endOffsets(from);
        List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> reader = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrap()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            reader.assign(ends.keySet());
            reader.seekToBeginning(ends.keySet());
            while (ends.entrySet().stream().anyMatch(end -> reader.position(end.getKey()) < end.getValue())) {
                reader.poll(Duration.ofSeconds(1)).forEach(all::add);
            }
        }
        return all;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
