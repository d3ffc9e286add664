package io.lastcall.kafka;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaSourceTest {

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void t11_all_that_was_done_is_committed_when_the_drain_returns(String protocol) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 3)) {
            for (int partition = 0; partition < 3; partition++) {
                trial.send(partition, 0, 1_000);
            }
            CountDownLatch all = new CountDownLatch(3_000);
            MessageConsumer consumer = MessageConsumer.from(trial.source(protocol))
                    .name("all")
                    .concurrency(4)
                    .dropRejected()
                    .handle((message, context) -> {
                        all.countDown();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(all.await(30, SECONDS)).isTrue();

            DrainReport report = consumer.drain();

            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(report.counts().accepted()).isEqualTo(3_000);
            for (int partition = 0; partition < 3; partition++) {
                assertThat(trial.committed(partition)).contains(1_000L);
            }
        }
    }

    /** T6: the last commit is the first record that was not done, whatever was polled. */
    @Test
    void t06_the_committed_offset_is_the_first_unfinished_one() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 10);
            CountDownLatch fifth = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            MessageConsumer consumer = MessageConsumer.from(trial.source("classic"))
                    .name("ten")
                    .ordering(Ordering.byLane())
                    .dropRejected()
                    .handle((message, context) -> {
                        if (value(message) == 4) {
                            fifth.countDown();
                            go.await();
                        }
                        return Outcome.accept();
                    })
                    .start();
            assertThat(fifth.await(30, SECONDS)).isTrue();
            await().atMost(Trial.SOON).until(() -> trial.committed(0).equals(Optional.of(4L)));

            var draining = consumer.beginDrain(DrainRequest.because("test")).toCompletableFuture();
            go.countDown();
            DrainReport report = draining.get(30, SECONDS);

            assertThat(report.counts().accepted()).as(report.describe()).isEqualTo(5);
            assertThat(report.counts().released()).isEqualTo(5);
            assertThat(report.clean()).isTrue();
            assertThat(trial.committed(0)).contains(5L);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void what_was_done_behind_a_gap_does_not_come_again(String protocol) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 10);
            assertThat(handled(trial, protocol, 10, Set.of(3, 7))).containsExactlyInAnyOrder(0, 1, 2, 4, 5, 6, 8, 9);
            assertThat(trial.committed(0)).contains(3L);
            // One that does nothing in between, and one that does a part, keep what was done.
            assertThat(handled(trial, protocol, 2, Set.of(3, 7))).isEmpty();
            assertThat(handled(trial, protocol, 2, Set.of(7))).containsExactly(3);
            assertThat(trial.committed(0)).contains(7L);
            assertThat(handled(trial, protocol, 1, Set.of())).containsExactly(7);
            assertThat(trial.committed(0)).contains(10L);
        }
    }

    /** Committed at 3, done are 4 to 6 and 8; plain and packed. */
    @ParameterizedTest
    @ValueSource(strings = {"bgABAAMAAQAB", "Sii1L/0AWEEAAAABAAMAAQAB"})
    void what_parallel_consumer_has_done_does_not_come_again(String metadata) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 11);
            TopicPartition partition = new TopicPartition(trial.topic, 0);
            trial.broker
                    .admin()
                    .alterConsumerGroupOffsets(trial.group, Map.of(partition, new OffsetAndMetadata(3, metadata)))
                    .all()
                    .get(30, SECONDS);
            assertThat(handled(trial, "classic", 4, Set.of(7))).containsExactlyInAnyOrder(3, 9, 10);
            assertThat(handled(trial, "classic", 1, Set.of())).containsExactly(7);
            assertThat(trial.committed(0)).contains(11L);
        }
    }

    /** So that not even a SIGKILL makes them come again. */
    @Test
    void what_is_done_behind_a_stuck_record_is_told_while_it_is_stuck() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 10);
            CountDownLatch go = new CountDownLatch(1);
            MessageConsumer consumer = MessageConsumer.from(trial.source("classic"))
                    .name("stuck")
                    .concurrency(4)
                    .dropRejected()
                    .handle((message, context) -> {
                        if (value(message) == 3) {
                            go.await();
                        }
                        return Outcome.accept();
                    })
                    .start();
            TopicPartition partition = new TopicPartition(trial.topic, 0);
            await().atMost(Trial.SOON).until(() -> {
                OffsetAndMetadata committed =
                        trial.broker.committed(trial.group).get(partition);
                return committed != null && KafkaProgress.of(committed).isDone(9);
            });
            assertThat(trial.committed(0)).contains(3L);
            go.countDown();
            assertThat(consumer.drain().clean()).isTrue();
            assertThat(trial.broker.committed(trial.group).get(partition)).isEqualTo(new OffsetAndMetadata(10));
        }
    }

    /** What a consumer handles until it has seen so many, and drains clean, where it gives some back. */
    private static List<Integer> handled(Trial trial, String protocol, int seen, Set<Integer> givenBack)
            throws Exception {
        Queue<Integer> handled = new ConcurrentLinkedQueue<>();
        CountDownLatch all = new CountDownLatch(seen);
        MessageConsumer consumer = MessageConsumer.from(trial.source(protocol))
                .name("gap")
                .concurrency(4)
                .dropRejected()
                .handle((message, context) -> {
                    all.countDown();
                    if (givenBack.contains(value(message))) {
                        return Outcome.release();
                    }
                    handled.add(value(message));
                    return Outcome.accept();
                })
                .start();
        assertThat(all.await(30, SECONDS)).isTrue();
        DrainReport report = consumer.drain();
        assertThat(report.clean()).as(report.describe()).isTrue();
        assertThat(report.counts().accepted()).isEqualTo(handled.size());
        return List.copyOf(handled);
    }

    @Test
    void t18_transaction_markers_leave_no_lag() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1);
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                trial.broker.bootstrap(),
                                "transactional.id",
                                trial.broker.newName("tx")),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            producer.initTransactions();
            for (int i = 0; i < 3; i++) {
                producer.beginTransaction();
                var unused = producer.send(new ProducerRecord<>(trial.topic, Trial.bytes(Integer.toString(i))));
                producer.commitTransaction();
            }
            CountDownLatch three = new CountDownLatch(3);
            MessageConsumer consumer = MessageConsumer.from(trial.source(Map.of("isolation.level", "read_committed")))
                    .name("markers")
                    .dropRejected()
                    .handle((message, context) -> {
                        three.countDown();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(three.await(30, SECONDS)).isTrue();
            long end = requireNonNull(trial.broker.endOffsets(trial.topic).get(new TopicPartition(trial.topic, 0)));
            assertThat(end).isEqualTo(6);
            await().atMost(Trial.SOON).until(() -> trial.committed(0).equals(Optional.of(end)));
            assertThat(consumer.drain().clean()).isTrue();
        }
    }

    /** T7. */
    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void an_idle_consumer_drains_at_once(String protocol) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 1);
            CountDownLatch one = new CountDownLatch(1);
            MessageConsumer consumer = MessageConsumer.from(trial.source(protocol))
                    .name("idle")
                    .dropRejected()
                    .handle((message, context) -> {
                        one.countDown();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(one.await(30, SECONDS)).isTrue();
            await().atMost(Trial.SOON).until(() -> trial.committed(0).equals(Optional.of(1L)));

            DrainReport report = consumer.drain();

            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(report.phases().total()).isLessThan(Duration.ofSeconds(1));
            assertThat(report.phases().stopReceiving()).isLessThan(Duration.ofMillis(500));
        }
    }

    /** S8: one stuck record stops its partition within the bound, and only it. */
    @Test
    void t22_a_stuck_record_pauses_its_partition_at_the_bound() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 2)) {
            trial.send(0, 0, 2_000);
            trial.send(1, 10_000, 2_000);
            AtomicInteger ofFirst = new AtomicInteger();
            CountDownLatch second = new CountDownLatch(2_000);
            CountDownLatch go = new CountDownLatch(1);
            MessageConsumer consumer = MessageConsumer.from(
                            trial.source(Map.of("max.poll.records", 50)).bound(200))
                    .name("stuck")
                    .concurrency(4)
                    .dropRejected()
                    .handle((message, context) -> {
                        if (value(message) == 0) {
                            go.await();
                        } else if (value(message) < 10_000) {
                            ofFirst.incrementAndGet();
                        } else {
                            second.countDown();
                        }
                        return Outcome.accept();
                    })
                    .start();

            assertThat(second.await(30, SECONDS)).isTrue();
            await().atMost(Trial.SOON).until(() -> trial.committed(1).equals(Optional.of(2_000L)));
            assertThat(ofFirst.get()).isLessThanOrEqualTo(250);
            assertThat(trial.committed(0).orElse(0L)).isZero();

            go.countDown();
            await().atMost(Trial.SOON).until(() -> trial.committed(0).equals(Optional.of(2_000L)));
            assertThat(consumer.drain().clean()).isTrue();
        }
    }

    /** A lane that is full is committed at once: the interval, and the longest poll, would each cost a round of the bound. */
    @Test
    void a_small_bound_does_not_wait_for_the_interval() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 3_000);
            CountDownLatch all = new CountDownLatch(3_000);
            LongAdder work = new LongAdder();
            MessageConsumer consumer = MessageConsumer.from(trial.source(Map.of("max.poll.records", 100))
                            .bound(100)
                            .commitInterval(Duration.ofHours(1)))
                    .name("small-bound")
                    .dropRejected()
                    .handle((message, context) -> {
                        long begin = System.nanoTime();
                        while (System.nanoTime() - begin < 200_000) {
                            work.increment(); // outlasts a wake-up of the poll thread
                        }
                        all.countDown();
                        return Outcome.accept();
                    })
                    .start();

            assertThat(all.await(20, SECONDS)).as("left: %s", all.getCount()).isTrue();
            assertThat(consumer.drain().clean()).isTrue();
            assertThat(trial.committed(0)).contains(3_000L);
        }
    }

    @Test
    void a_source_that_cannot_go_on_ends_its_consumer_with_the_cause() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 1);
            MessageConsumer consumer = MessageConsumer.from(trial.source(Map.of("auto.offset.reset", "none")))
                    .name("no-offset")
                    .dropRejected()
                    .handle((message, context) -> Outcome.accept())
                    .start();

            DrainReport report = consumer.ended().toCompletableFuture().get(30, SECONDS);

            assertThat(report.failure()).containsInstanceOf(NoOffsetForPartitionException.class);
            assertThat(report.stopConfirmed()).as(report.describe()).isTrue();
            assertThat(report.closed()).isTrue();
            assertThat(report.clean()).isFalse();
        }
    }

    /** A drain that lasts longer than max.poll.interval.ms keeps its partitions, or it could not commit. */
    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void the_group_keeps_a_member_that_drains(String protocol) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 1);
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            Map<String, Object> properties = new HashMap<>(Trial.protocol(protocol));
            properties.put("max.poll.interval.ms", 1_000);
            if (protocol.equals("classic")) {
                properties.put("session.timeout.ms", 900);
            }
            MessageConsumer consumer = MessageConsumer.from(trial.source(properties))
                    .name("slow")
                    .dropRejected()
                    .handle((message, context) -> {
                        begun.countDown();
                        go.await();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();
            var draining = consumer.beginDrain(DrainRequest.because("test")).toCompletableFuture();
            // The member must outlive this, so there is no event to wait for but time.
            assertThat(new CountDownLatch(1).await(4, SECONDS)).isFalse();
            go.countDown();
            DrainReport report = draining.get(30, SECONDS);
            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(report.counts().accepted()).isEqualTo(1);
            assertThat(trial.committed(0)).contains(1L);
        }
    }

    @Test
    void the_message_is_the_record() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 2)) {
            trial.send(new ProducerRecord<>(
                    trial.topic,
                    1,
                    1_700_000_000_123L,
                    Trial.bytes("key"),
                    null,
                    List.of(
                            new RecordHeader("a", Trial.bytes("1")),
                            new RecordHeader("a", Trial.bytes("2")),
                            new RecordHeader("none", (byte[]) null))));
            Queue<Message<byte[]>> seen = new ConcurrentLinkedQueue<>();
            CountDownLatch one = new CountDownLatch(1);
            MessageConsumer consumer = MessageConsumer.from(trial.source("classic"))
                    .name("record")
                    .dropRejected()
                    .handle((message, context) -> {
                        seen.add(message);
                        one.countDown();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(one.await(30, SECONDS)).isTrue();
            consumer.drain();

            Message<byte[]> message = requireNonNull(seen.peek());
            assertThat(message.id()).isEqualTo(trial.topic + "-1@0");
            assertThat(message.origin()).hasToString("kafka:" + trial.topic + "-1@0");
            assertThat(message.origin().destination()).isEqualTo(trial.topic);
            assertThat(message.key()).isEqualTo(Trial.bytes("key"));
            assertThat(message.body()).isNull();
            assertThat(message.timestamp()).isEqualTo(Instant.ofEpochMilli(1_700_000_000_123L));
            assertThat(message.attempt()).isEqualTo(1);
            assertThat(message.headers()).hasSize(3);
            assertThat(message.headers().text("a")).contains("2");
            assertThat(message.headers().last("none").orElseThrow().value()).isNull();
        }
    }

    @Test
    void a_hard_drain_gives_back_what_has_not_started() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 100);
            CountDownLatch begun = new CountDownLatch(1);
            MessageConsumer consumer = MessageConsumer.from(trial.source("classic"))
                    .name("hard")
                    .ordering(Ordering.byLane())
                    .dropRejected()
                    .handle((message, context) -> {
                        begun.countDown();
                        new CountDownLatch(1).await();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();

            DrainReport report = consumer.beginDrain(DrainRequest.because("test")
                            .mode(DrainMode.STOP_NOW)
                            .within(Duration.ofSeconds(5)))
                    .toCompletableFuture()
                    .get(30, SECONDS);

            assertThat(report.counts().released()).as(report.describe()).isEqualTo(100);
            assertThat(report.closed()).isTrue();
            assertThat(trial.committed(0).orElse(0L)).isZero();
        }
    }

    @Test
    void what_is_ours_to_set_is_refused_by_name() {
        assertThatThrownBy(() -> KafkaSource.topics("orders").properties(Map.of("enable.auto.commit", true)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("enable.auto.commit = true");
        assertThatThrownBy(() -> KafkaSource.topics("orders").properties(Map.of("value.deserializer", "X")))
                .hasMessageContaining("value.deserializer = X");
        assertThatThrownBy(() -> KafkaSource.topics("orders").groupId("a").groupId("b"))
                .hasMessageContaining("group.id = b");
        assertThatThrownBy(() -> KafkaSource.topics("orders").groupId("a").open())
                .hasMessageContaining("bootstrap.servers");
        assertThatThrownBy(() -> KafkaSource.topics("orders")
                        .properties(Map.of("bootstrap.servers", "x:1"))
                        .open())
                .hasMessageContaining("group.id");
        assertThatThrownBy(() -> KafkaSource.topics("orders").commitInterval(Duration.ZERO))
                .hasMessageContaining("commitInterval = PT0S");
        assertThatThrownBy(() -> KafkaSource.topics("orders").bound(0)).hasMessageContaining("bound = 0");
        assertThat(KafkaSource.topics("a", "b").name()).isEqualTo("kafka:a,b");
    }

    private static int value(Message<byte[]> message) {
        return Integer.parseInt(Trial.text(requireNonNull(message.body())));
    }
}
