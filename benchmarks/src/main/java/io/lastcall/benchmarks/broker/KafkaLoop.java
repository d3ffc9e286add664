package io.lastcall.benchmarks.broker;

import io.lastcall.benchmarks.broker.MadeBody.Strand;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Loops over the bare client, which handle on the thread that polls. */
enum KafkaLoop {
    /** As the client's documentation teaches: poll, handle, commit what was polled. */
    TAUGHT {
        @Override
        void run(Consumer<byte[], byte[]> client, Witness witness) {
            while (!witness.sawAll()) {
                handle(client.poll(POLL), witness);
                client.commitAsync();
            }
        }
    },
    /** The fastest that one can write: it commits every 5 ms. */
    BEST {
        @Override
        void run(Consumer<byte[], byte[]> client, Witness witness) {
            long committed = System.nanoTime();
            while (!witness.sawAll()) {
                handle(client.poll(POLL), witness);
                long now = System.nanoTime();
                if (now - committed >= COMMIT_NANOS) {
                    client.commitAsync();
                    committed = now;
                }
            }
        }
    };

    private static final Duration POLL = Duration.ofMillis(100);
    private static final long COMMIT_NANOS = Duration.ofMillis(5).toNanos();

    abstract void run(Consumer<byte[], byte[]> client, Witness witness);

    private static void handle(ConsumerRecords<byte[], byte[]> records, Witness witness) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            witness.saw(record.value());
        }
    }

    /** Consumes all of a topic. */
    Sample consume(KafkaStock stock) {
        String group = stock.newGroup();
        Witness witness = stock.witness(Strand.LANE);
        try (KafkaConsumer<byte[], byte[]> client = client(stock, group, Map.of())) {
            client.subscribe(List.of(stock.topic()));
            run(client, witness);
            client.commitSync();
        }
        return witness.sample(stock.uncommitted(group));
    }

    /** A client of a group that begins with the first record. */
    static KafkaConsumer<byte[], byte[]> client(KafkaStock stock, String group, Map<String, ?> more) {
        Map<String, Object> properties = new HashMap<>(Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stock.broker().bootstrap(),
                ConsumerConfig.GROUP_ID_CONFIG,
                group,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false));
        properties.putAll(more);
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
