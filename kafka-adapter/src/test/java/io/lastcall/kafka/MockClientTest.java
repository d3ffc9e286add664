package io.lastcall.kafka;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainReport;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.message.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Kafka's own MockConsumer does for a user's tests, where no broker is wanted. */
class MockClientTest {

    private static final TopicPartition ID = new TopicPartition("orders", 0);

    @Test
    void a_mock_is_consumed_and_drained_like_a_client() throws Exception {
        CountDownLatch subscribed = new CountDownLatch(1);
        AtomicReference<@Nullable Map<TopicPartition, OffsetAndMetadata>> last = new AtomicReference<>();
        MockConsumer<byte[], byte[]> mock = new MockConsumer<>("earliest") {
            @Override
            public synchronized void close(CloseOptions options) {
                last.set(committed(Set.of(ID)));
                super.close(options);
            }

            @Override
            public synchronized void subscribe(
                    java.util.Collection<String> topics, ConsumerRebalanceListener listener) {
                super.subscribe(topics, listener);
                subscribed.countDown();
            }
        };
        mock.updateBeginningOffsets(Map.of(ID, 0L));
        mock.schedulePollTask(() -> {
            mock.rebalance(List.of(ID));
            for (int i = 0; i < 3; i++) {
                mock.addRecord(new ConsumerRecord<>("orders", 0, i, new byte[0], Trial.bytes("order " + i)));
            }
        });
        Queue<String> handled = new ConcurrentLinkedQueue<>();
        CountDownLatch all = new CountDownLatch(3);
        MessageConsumer consumer = MessageConsumer.from(KafkaSource.topics("orders")
                        .groupId("shop")
                        .properties(Map.of("bootstrap.servers", "nowhere:1"))
                        .commitInterval(Duration.ofMillis(10))
                        .clients(properties -> mock))
                .name("mocked")
                .ordering(Ordering.byLane())
                .dropRejected()
                .handle((message, context) -> {
                    handled.add(message.id());
                    all.countDown();
                    return Outcome.accept();
                })
                .start();
        assertThat(subscribed.await(30, SECONDS)).isTrue();
        assertThat(all.await(30, SECONDS)).isTrue();
        DrainReport report = consumer.drain();

        assertThat(report.clean()).as(report.describe()).isTrue();
        assertThat(handled).containsExactly("orders-0@0", "orders-0@1", "orders-0@2");
        assertThat(mock.closed()).isTrue();
        assertThat(last.get()).isEqualTo(Map.of(ID, new OffsetAndMetadata(3)));
    }
}
