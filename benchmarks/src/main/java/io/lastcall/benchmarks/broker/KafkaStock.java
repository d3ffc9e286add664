package io.lastcall.benchmarks.broker;

import io.lastcall.benchmarks.broker.MadeBody.Strand;
import io.lastcall.testkit.broker.KafkaBroker;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** The records of a topic. The keys take turns, and so do the partitions; each key stays in its partition. Immutable. */
final class KafkaStock {

    static final int PARTITIONS = 8;
    private static final int BODY = 100;
    private static final int PROBE = -1;

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

    /** A new topic for so many records, none of which is published yet. */
    static KafkaStock empty(KafkaBroker broker, int records, int keys) {
        if (keys % PARTITIONS != 0) {
            throw new IllegalArgumentException("keys = " + keys + ", must be a multiple of " + PARTITIONS);
        }
        return new KafkaStock(broker, broker.newTopic(PARTITIONS), records, keys);
    }

    /** A new topic; returns when the broker has all records. */
    static KafkaStock publish(KafkaBroker broker, int records, int keys) {
        KafkaStock stock = empty(broker, records, keys);
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer = stock.producer(5)) {
            for (int id = 0; id < records; id++) {
                stock.send(producer, id, 0, failure);
            }
        }
        Exception cause = failure.get();
        if (cause != null) {
            throw new IllegalStateException("topic " + stock.topic + " could not be filled", cause);
        }
        return stock;
    }

    KafkaProducer<byte[], byte[]> producer(int lingerMillis) {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.bootstrap(),
                        ProducerConfig.LINGER_MS_CONFIG,
                        lingerMillis,
                        ProducerConfig.BATCH_SIZE_CONFIG,
                        64 * 1024),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Sends a record; tells when that fails. */
    void send(
            KafkaProducer<byte[], byte[]> producer,
            int id,
            long sentNanos,
            AtomicReference<@Nullable Exception> failure) {
        int key = id % keys;
        int lane = id % PARTITIONS;
        byte[] body = MadeBody.make(BODY, id, key, id / keys, lane, id / PARTITIONS, sentNanos);
        var unused = producer.send(new ProducerRecord<>(topic, lane, keyBytes(key), body), (place, e) -> {
            if (e != null) {
                failure.set(e);
            }
        });
    }

    /** Sends a record that does not count to each partition; tells when that fails. */
    void probe(KafkaProducer<byte[], byte[]> producer, AtomicReference<@Nullable Exception> failure) {
        for (int lane = 0; lane < PARTITIONS; lane++) {
            byte[] body = MadeBody.make(BODY, PROBE, 0, 0, lane, 0, 0);
            var unused = producer.send(new ProducerRecord<>(topic, lane, keyBytes(lane), body), (place, e) -> {
                if (e != null) {
                    failure.set(e);
                }
            });
        }
    }

    static boolean isProbe(byte[] body) {
        return Strand.MESSAGE.number(body) == PROBE;
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
        return switch (strand) {
            case MESSAGE -> new Witness(strand, sizes(records));
            case KEY -> new Witness(strand, sizes(keys));
            case LANE -> new Witness(strand, sizes(PARTITIONS));
        };
    }

    private int[] sizes(int strands) {
        int[] sizes = new int[strands];
        for (int id = 0; id < records; id++) {
            sizes[id % strands]++;
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
