package io.lastcall.kafka;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.lastcall.message.Headers;
import io.lastcall.spi.SourceFactory;
import io.lastcall.testkit.broker.KafkaBroker;
import io.lastcall.testkit.contract.BrokerFixture;
import io.lastcall.testkit.contract.Destination;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A broker of its own, killed where the contract wants to be cut off; topics of two partitions. */
final class KafkaFixture implements BrokerFixture {

    private static final int PARTITIONS = 2;

    private final String protocol;
    private final KafkaBroker broker = KafkaBroker.start();
    private final KafkaProducer<byte[], byte[]> producer;

    // The contract's one thread only.
    private boolean cut;

    KafkaFixture(String protocol) {
        this.protocol = protocol;
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "linger.ms", 0, "reconnect.backoff.max.ms", 200),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @Override
    public Destination create(String name) {
        String topic = broker.createTopic(broker.newName(name), PARTITIONS);
        return new Topic(topic, broker.newName("group"));
    }

    @Override
    public boolean freeRelease() {
        return true;
    }

    /** The session of six seconds, counted again by a broker that was killed. */
    @Override
    public Duration comesBackWithin() {
        return Duration.ofSeconds(60);
    }

    @Override
    public void cut() {
        cut = true;
        broker.kill9();
    }

    @Override
    public void mend() {
        if (cut) {
            broker.startAgain();
            cut = false;
        }
    }

    @Override
    public boolean isClientThread(String threadName) {
        return threadName.startsWith("kafka-coordinator-heartbeat-thread")
                || threadName.startsWith("consumer_background_thread");
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
        broker.close();
    }

    private final class Topic implements Destination {

        private final String topic;
        private final String group;

        Topic(String topic, String group) {
            this.topic = topic;
            this.group = group;
        }

        @Override
        public void publish(String key, String body) throws Exception {
            producer.send(new ProducerRecord<>(topic, Trial.bytes(key), Trial.bytes(body)))
                    .get(60, SECONDS);
        }

        @Override
        public void publish(String key, byte[] body, Headers headers) throws Exception {
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, Trial.bytes(key), body);
            headers.forEach(header -> record.headers().add(header.name(), header.value()));
            producer.send(record).get(60, SECONDS);
        }

        @Override
        public SourceFactory<?> source() {
            Map<String, Object> properties = properties();
            properties.remove("enable.auto.commit");
            return KafkaSource.topics(topic).properties(properties).commitInterval(Duration.ofMillis(100));
        }

        /** The group's next member, but for what was done beyond; what lies before the end of the partitions is all there is. */
        @Override
        public List<String> takeAvailable(int expected, Duration atMost) {
            List<String> taken = new ArrayList<>();
            Map<TopicPartition, OffsetAndMetadata> committed = broker.committed(group);
            long deadline = System.nanoTime() + atMost.toNanos();
            try (KafkaConsumer<byte[], byte[]> plain =
                    new KafkaConsumer<>(properties(), new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                plain.subscribe(List.of(topic));
                while (!hasRead(plain) && System.nanoTime() - deadline < 0) {
                    for (ConsumerRecord<byte[], byte[]> record : plain.poll(Duration.ofMillis(200))) {
                        OffsetAndMetadata known = committed.get(new TopicPartition(record.topic(), record.partition()));
                        if (known == null || !KafkaProgress.of(known).isDone(record.offset())) {
                            taken.add(Trial.text(record.value()));
                        }
                    }
                }
                plain.commitSync();
            }
            return taken;
        }

        private boolean hasRead(KafkaConsumer<?, ?> plain) {
            Set<TopicPartition> ours = plain.assignment();
            return ours.size() == PARTITIONS
                    && plain.endOffsets(ours).entrySet().stream()
                            .allMatch(end -> plain.position(end.getKey()) >= end.getValue());
        }

        private Map<String, Object> properties() {
            Map<String, Object> properties = new HashMap<>(Trial.protocol(protocol));
            properties.put("bootstrap.servers", broker.bootstrap());
            properties.put("group.id", group);
            properties.put("auto.offset.reset", "earliest");
            properties.put("reconnect.backoff.max.ms", 200);
            properties.put("enable.auto.commit", false);
            return properties;
        }
    }
}
