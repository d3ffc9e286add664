package io.lastcall.kafka;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainReport;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.message.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Kafka's own MockConsumer does for a user's tests, where no broker is wanted. */
class MockClientTest {

    private static final TopicPartition ID = new TopicPartition("orders", 0);
    private static final TopicPartition OTHER = new TopicPartition("orders", 1);

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

    /** An interceptor that hands on records of its own making: the client's next offsets are gone. */
    @Test
    void what_an_interceptor_rewrites_is_committed_all_the_same() throws Exception {
        Mock mock = new Mock() {
            @Override
            public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
                ConsumerRecords<byte[], byte[]> came = super.poll(timeout);
                Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> rewritten = new HashMap<>();
                came.partitions().forEach(id -> rewritten.put(id, came.records(id)));
                return new ConsumerRecords<>(rewritten, Map.of());
            }
        };
        mock.holds(ID, 0, 3);
        MessageConsumer consumer = consume(mock, 3);
        DrainReport report = consumer.drain();

        assertThat(report.clean()).as(report.describe()).isTrue();
        assertThat(mock.last).isEqualTo(Map.of(ID, new OffsetAndMetadata(3)));
    }

    @Test
    void one_partition_that_is_refused_does_not_keep_the_others_from_their_commits() throws Exception {
        CountDownLatch committed = new CountDownLatch(1);
        Mock mock = new Mock() {
            @Override
            public synchronized void commitAsync(
                    Map<TopicPartition, OffsetAndMetadata> offsets, OffsetCommitCallback callback) {
                if (offsets.containsKey(OTHER)) {
                    callback.onComplete(offsets, new TopicAuthorizationException(OTHER.topic()));
                } else {
                    super.commitAsync(offsets, callback);
                    committed.countDown();
                }
            }

            @Override
            public synchronized void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
                if (offsets.containsKey(OTHER)) {
                    throw new TopicAuthorizationException(OTHER.topic());
                }
                super.commitSync(offsets, timeout);
            }
        };
        mock.holds(ID, 0, 3);
        mock.holds(OTHER, 0, 2);
        MessageConsumer consumer = consume(mock, 5);
        assertThat(committed.await(30, SECONDS)).isTrue();
        DrainReport report = consumer.drain();

        assertThat(report.counts().accepted()).isEqualTo(3);
        assertThat(report.counts().revoked()).isEqualTo(2);
        assertThat(mock.last).containsEntry(ID, new OffsetAndMetadata(3)).doesNotContainKey(OTHER);
    }

    /** Also where nobody was there to see it: what was done of the old log says nothing of the new one. */
    @Test
    void a_log_that_began_again_while_nobody_consumed_is_handled_from_its_begin() throws Exception {
        DoneBeyond.Writer done = new DoneBeyond.Writer(10, 4096);
        done.add(11, 12);
        OffsetAndMetadata old = new OffsetAndMetadata(10, done.text());
        Mock mock = new Mock() {
            @Override
            public synchronized Map<TopicPartition, OffsetAndMetadata> committed(
                    Set<TopicPartition> ids, Duration timeout) {
                return Map.of(ID, old);
            }
        };
        mock.holds(ID, 0, 14);
        MessageConsumer consumer = consume(mock, 14);
        DrainReport report = consumer.drain();

        assertThat(report.counts().accepted()).isEqualTo(14);
        assertThat(mock.last).isEqualTo(Map.of(ID, new OffsetAndMetadata(14)));
    }

    @Test
    void a_seek_that_fails_half_way_is_a_failure_of_the_source() throws Exception {
        Mock mock = new Mock() {
            @Override
            public synchronized void seek(TopicPartition id, long offset) {
                if (offset == 1) {
                    throw new IllegalStateException("no seek today");
                }
                super.seek(id, offset);
            }
        };
        mock.holds(ID, 0, 3);
        KafkaPositions positions = new KafkaPositions();
        MessageConsumer consumer = consume(mock, 3, positions);
        assertThat(positions.seek(KafkaStart.offsets(Map.of(ID, 1L))).toCompletableFuture())
                .failsWithin(Duration.ofSeconds(30));
        DrainReport report = consumer.drain();

        assertThat(report.failure()).isPresent();
    }

    @Test
    void between_the_two_halves_of_a_rebalance_nothing_is_caught_up() {
        MockConsumer<byte[], byte[]> mock = new MockConsumer<>("earliest");
        mock.assign(List.of(ID));
        mock.updateBeginningOffsets(Map.of(ID, 0L));
        mock.updateEndOffsets(Map.of(ID, 0L));
        CatchUp catchUp = new CatchUp(mock, new Wakeup(mock::wakeup));
        assertThat(catchUp.isReached())
                .as("before the group has given anything")
                .isFalse();
        catchUp.assigned(List.of(ID));
        assertThat(catchUp.isReached()).isTrue();
        catchUp.taken(List.of(ID));
        assertThat(catchUp.isReached()).as("it may come back").isFalse();
        catchUp.assigned(List.of());
        assertThat(catchUp.isReached()).isTrue();
    }

    private static MessageConsumer consume(Mock mock, int records) throws Exception {
        return consume(mock, records, new KafkaPositions());
    }

    private static MessageConsumer consume(Mock mock, int records, KafkaPositions positions) throws Exception {
        CountDownLatch all = new CountDownLatch(records);
        MessageConsumer consumer = MessageConsumer.from(KafkaSource.topics("orders")
                        .groupId("shop")
                        .properties(Map.of("bootstrap.servers", "nowhere:1"))
                        .commitInterval(Duration.ofMillis(10))
                        .positions(positions)
                        .clients(properties -> mock))
                .name("mocked")
                .dropRejected()
                .handle((message, context) -> {
                    all.countDown();
                    return Outcome.accept();
                })
                .start();
        assertThat(all.await(30, SECONDS)).isTrue();
        return consumer;
    }

    /** Gives what it holds with the first poll, and remembers what was committed when it was closed. */
    private static class Mock extends MockConsumer<byte[], byte[]> {

        final Map<TopicPartition, OffsetAndMetadata> last = new ConcurrentHashMap<>();
        private final List<ConsumerRecord<byte[], byte[]>> held = new ArrayList<>();
        private final List<TopicPartition> ids = new ArrayList<>();

        Mock() {
            super("earliest");
            schedulePollTask(() -> {
                rebalance(ids);
                held.forEach(this::addRecord);
            });
        }

        final void holds(TopicPartition id, long from, int many) {
            ids.add(id);
            updateBeginningOffsets(Map.of(id, from));
            for (long offset = from; offset < from + many; offset++) {
                held.add(new ConsumerRecord<>(id.topic(), id.partition(), offset, new byte[0], new byte[0]));
            }
        }

        @Override
        public synchronized void close(CloseOptions options) {
            last.putAll(super.committed(Set.copyOf(ids), Duration.ZERO));
            super.close(options);
        }
    }
}
