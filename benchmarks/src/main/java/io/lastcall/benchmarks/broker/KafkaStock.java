package io.lastcall.benchmarks.broker;

import io.lastcall.benchmarks.broker.MadeBody.Strand;
import io.lastcall.testkit.broker.KafkaBroker;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Records of a topic that were published before a run. The keys take turns, and each key stays in its partition. Immutable. */
final class KafkaStock {

    static final int PARTITIONS = 8;
    private static final int BODY = 100;

    private final KafkaBroker broker;
    private final String topic;
    private final int records;
    private final int keys;

    private KafkaStock(KafkaBroker broker, String topic, int records, int keys) {
        this.broker = broker;
        this.topic = topic;
        this.records = records;
        this.keys = keys;
    }

    /** Publishes to a new topic and returns when the broker has all. */
    static KafkaStock publish(KafkaBroker broker, int records, int keys) {
        String topic = broker.newTopic(PARTITIONS);
        int[] places = new int[PARTITIONS];
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.bootstrap(),
                        ProducerConfig.LINGER_MS_CONFIG,
                        5,
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        64 * 1024),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int id = 0; id < records; id++) {
                int key = id % keys;
                int lane = lane(key);
                byte[] body = MadeBody.make(BODY, id, key, id / keys, lane, places[lane]++);
                var unused = producer.send(new ProducerRecord<>(topic, lane, keyBytes(key), body), (place, e) -> {
                    if (e != null) {
                        failure.set(e);
                    }
                });
            }
            producer.flush();
        }
        if (failure.get() != null) {
            throw new IllegalStateException("topic " + topic + " could not be filled", failure.get());
        }
        return new KafkaStock(broker, topic, records, keys);
    }

    private static int lane(int key) {
        return key % PARTITIONS;
    }

    private static byte[] keyBytes(int key) {
        return ByteBuffer.allocate(8).putInt(key).putInt(~key).array();
    }

    String topic() {
        return topic;
    }

    int records() {
        return records;
    }

    KafkaBroker broker() {
        return broker;
    }

    /** A group that has consumed nothing yet. */
    String newGroup() {
        return broker.newName("group");
    }

    Witness witness(Strand strand) {
        int[] sizes = switch (strand) {
            case MESSAGE -> IntStream.generate(() -> 1).limit(records).toArray();
            case KEY -> sizes(keys, id -> id % keys);
            case LANE -> sizes(PARTITIONS, id -> lane(id % keys));
        };
        return new Witness(strand, sizes);
    }

    private int[] sizes(int strands, IntUnaryOperator strandOf) {
        int[] sizes = new int[strands];
        for (int id = 0; id < records; id++) {
            sizes[strandOf.applyAsInt(id)]++;
        }
        return sizes;
    }

    /** How many records the group has not committed. */
    long uncommitted(String group) {
        Map<?, OffsetAndMetadata> committed = broker.committed(group);
        return broker.endOffsets(topic).entrySet().stream()
                .mapToLong(end -> {
                    OffsetAndMetadata to = committed.get(end.getKey());
                    return end.getValue() - (to == null ? 0 : to.offset());
                })
                .sum();
    }
}
