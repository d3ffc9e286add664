package io.lastcall.kafka;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lastcall.ConsumerState;
import io.lastcall.DrainReport;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read, and from where on. */
class PlacesTest {

    private static final Instant TEN = Instant.parse("2026-01-01T10:00:00Z");

    private final Queue<String> handled = new ConcurrentLinkedQueue<>();

    private MessageConsumer consumer(KafkaSource source) {
        return MessageConsumer.from(source)
                .name("places")
                .ordering(Ordering.byLane())
                .dropRejected()
                .handle((message, context) -> {
                    handled.add(Trial.text(requireNonNull(message.body())));
                    return Outcome.accept();
                });
    }

    private void awaitHandled(String... values) {
        await().atMost(Trial.SOON).untilAsserted(() -> assertThat(handled).containsExactlyInAnyOrder(values));
    }

    /** One record a minute, from ten o'clock on. */
    private static void sendTimed(Trial trial, int partition, int first, int count) throws Exception {
        for (int i = first; i < first + count; i++) {
            trial.send(new ProducerRecord<>(
                    trial.topic, partition, TEN.plusSeconds(60L * i).toEpochMilli(), null, Trial.bytes("" + i)));
        }
    }

    @Test
    void several_topics_are_read_by_one_consumer() throws Exception {
        try (Trial one = new Trial(KafkaBroker.shared(), 2);
                Trial other = new Trial(KafkaBroker.shared(), 1)) {
            one.send(0, 0, 1);
            one.send(1, 1, 1);
            other.send(0, 2, 1);
            KafkaSource source = KafkaSource.topics(one.topic, other.topic)
                    .groupId(one.group)
                    .startFrom(KafkaStart.earliest())
                    .properties(Map.of("bootstrap.servers", one.broker.bootstrap()));
            try (MessageConsumer consumer = consumer(source).start()) {
                awaitHandled("0", "1", "2");
                assertThat(consumer.drain().clean()).isTrue();
            }
            assertThat(one.broker.committed(one.group, other.topic, 0)).contains(1L);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void topics_are_found_by_pattern(String protocol) throws Exception {
        String prefix = KafkaBroker.shared().newName("pattern");
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            for (String name : List.of(prefix + "-a", prefix + "-b")) {
                trial.broker.createTopic(name, 1);
                trial.send(new ProducerRecord<>(name, 0, null, Trial.bytes(name)));
            }
            KafkaSource source = KafkaSource.matching(Pattern.compile(prefix + "-."))
                    .groupId(trial.group)
                    .properties(Trial.protocol(protocol))
                    .startFrom(KafkaStart.earliest())
                    .properties(Map.of("bootstrap.servers", trial.broker.bootstrap()));
            assertThat(source.name()).isEqualTo("kafka:/" + prefix + "-./");
            try (MessageConsumer consumer = consumer(source).start()) {
                awaitHandled(prefix + "-a", prefix + "-b");
                assertThat(consumer.drain().clean()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void assigned_partitions_are_read_and_committed_without_a_membership(String protocol) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 2)) {
            trial.send(0, 0, 1);
            trial.send(1, 1, 2);
            KafkaSource source = KafkaSource.partitions(new TopicPartition(trial.topic, 1))
                    .groupId(trial.group)
                    .properties(Map.of("group.protocol", protocol, "bootstrap.servers", trial.broker.bootstrap()))
                    .startFrom(KafkaStart.earliest());
            try (MessageConsumer consumer = consumer(source).start()) {
                awaitHandled("1", "2");
                assertThat(consumer.drain().clean()).isTrue();
            }
            assertThat(trial.committed(1)).contains(2L);
            assertThat(trial.committed(0)).isEmpty();
            trial.send(1, 3, 1);
            try (MessageConsumer next = consumer(source).start()) {
                awaitHandled("1", "2", "3");
                assertThat(next.drain().clean()).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void a_new_group_begins_at_a_time_and_an_old_one_where_it_was(String protocol) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 2)) {
            sendTimed(trial, 0, 0, 4);
            sendTimed(trial, 1, 0, 1);
            KafkaSource source = KafkaSource.topics(trial.topic)
                    .groupId(trial.group)
                    .properties(Trial.protocol(protocol))
                    .properties(Map.of("bootstrap.servers", trial.broker.bootstrap()))
                    .startFrom(KafkaStart.at(TEN.plusSeconds(61)));
            try (MessageConsumer consumer = consumer(source).start()) {
                awaitHandled("2", "3");
                sendTimed(trial, 1, 7, 1); // behind the end that was found for it
                awaitHandled("2", "3", "7");
                assertThat(consumer.drain().clean()).isTrue();
            }
            sendTimed(trial, 0, 8, 1);
            try (MessageConsumer next =
                    consumer(source.startFrom(KafkaStart.at(TEN))).start()) {
                awaitHandled("2", "3", "7", "8");
                assertThat(next.drain().clean()).isTrue();
            }
        }
    }

    @Test
    void a_new_group_begins_at_given_offsets_and_elsewhere_as_the_client_is_told() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 2)) {
            trial.send(0, 0, 3);
            trial.send(1, 10, 2);
            KafkaSource source = trial.source("classic")
                    .startFrom(KafkaStart.offsets(Map.of(new TopicPartition(trial.topic, 0), 2L)));
            try (MessageConsumer consumer = consumer(source).start()) {
                awaitHandled("2", "10", "11");
                assertThat(consumer.drain().clean()).isTrue();
            }
        }
    }

    @Test
    void latest_leaves_out_what_was_there() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 3);
            KafkaSource source = KafkaSource.topics(trial.topic)
                    .groupId(trial.group)
                    .properties(Map.of("bootstrap.servers", trial.broker.bootstrap()))
                    .commitInterval(Duration.ofMillis(100))
                    .startFrom(KafkaStart.latest());
            try (MessageConsumer consumer = consumer(source).start()) {
                await().atMost(Trial.SOON).until(() -> trial.committed(0).equals(java.util.Optional.of(3L)));
                trial.send(0, 3, 1);
                awaitHandled("3");
                assertThat(consumer.drain().clean()).isTrue();
            }
        }
    }

    /** What runs is finished and committed before the replay begins; what was done since that time comes again. */
    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void a_running_consumer_replays_from_a_time(String protocol) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            sendTimed(trial, 0, 0, 4);
            KafkaPositions positions = new KafkaPositions();
            CountDownLatch atWork = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            MessageConsumer consumer = MessageConsumer.from(
                            trial.source(protocol).positions(positions))
                    .name("replay")
                    .ordering(Ordering.byLane())
                    .dropRejected()
                    .handle((message, context) -> {
                        String value = Trial.text(requireNonNull(message.body()));
                        if (value.equals("3") && go.getCount() > 0) {
                            atWork.countDown();
                            go.await();
                        }
                        handled.add(value);
                        return Outcome.accept();
                    })
                    .start();
            assertThat(atWork.await(30, SECONDS)).isTrue();
            var moved = positions.seek(KafkaStart.at(TEN.plusSeconds(120))).toCompletableFuture();
            await().atMost(Trial.SOON).until(() -> consumer.state() == ConsumerState.RUNNING && !moved.isDone());
            go.countDown();

            assertThat(moved.get(30, SECONDS)).containsExactly(Map.entry(new TopicPartition(trial.topic, 0), 2L));
            await().atMost(Trial.SOON)
                    .untilAsserted(() -> assertThat(handled).containsExactly("0", "1", "2", "3", "2", "3"));
            trial.send(0, 4, 1);
            await().atMost(Trial.SOON)
                    .untilAsserted(() -> assertThat(handled).containsExactly("0", "1", "2", "3", "2", "3", "4"));
            DrainReport report = consumer.drain();
            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(trial.committed(0)).contains(5L);

            assertThatThrownBy(() -> positions
                            .seek(KafkaStart.earliest())
                            .toCompletableFuture()
                            .get(30, SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("nothing was moved");
        }
    }

    @Test
    void a_seek_before_the_start_is_refused() {
        assertThatThrownBy(() -> new KafkaPositions()
                        .seek(KafkaStart.earliest())
                        .toCompletableFuture()
                        .get(30, SECONDS))
                .hasMessageContaining("no consumer with these positions runs");
    }

    /** The end counts that was there when the partitions came; then the consumer drains itself. */
    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void run_until_caught_up_ends_by_itself(String protocol) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 3)) {
            trial.send(0, 0, 700);
            trial.send(1, 700, 1);
            MessageConsumer consumer =
                    consumer(trial.source(protocol).runUntilCaughtUp()).start();

            DrainReport report = consumer.ended().toCompletableFuture().get(30, SECONDS);

            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(report.counts().accepted()).isEqualTo(701);
            assertThat(trial.committed(0)).contains(700L);
            assertThat(trial.committed(1)).contains(1L);
        }
    }
}
