package io.lastcall.testkit.broker;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class KafkaBrokerTest {

    @Test
    void what_was_written_is_there_after_a_kill_on_the_same_port() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start()) {
            String topic = broker.newTopic(2);
            send(broker, topic, 1, "one");
            TopicPartition partition = new TopicPartition(topic, 1);
            broker.admin()
                    .alterConsumerGroupOffsets("g", Map.of(partition, new OffsetAndMetadata(1)))
                    .all()
                    .get(30, SECONDS);

            broker.kill9();
            broker.startAgain();

            assertThat(broker.endOffsets(topic)).containsEntry(partition, 1L);
            assertThat(broker.committed("g", topic, 1)).contains(1L);
            assertThat(broker.committed("g", topic, 0)).isEmpty();
            send(broker, topic, 1, "two");
            assertThat(broker.endOffsets(topic)).containsEntry(partition, 2L);
        }
    }

    @Test
    void the_shared_broker_is_one_and_refuses_to_be_killed() {
        KafkaBroker shared = KafkaBroker.shared();
        assertThat(KafkaBroker.shared()).isSameAs(shared);
        assertThatThrownBy(shared::kill9).hasMessageContaining("KafkaBroker.start()");
        shared.close();
        assertThat(shared.endOffsets(shared.newTopic(3))).hasSize(3);
    }

    private static void send(KafkaBroker broker, String topic, int partition, String value) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap()), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, partition, null, value)).get(30, SECONDS);
        }
    }
}
