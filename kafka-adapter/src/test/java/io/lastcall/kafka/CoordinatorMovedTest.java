package io.lastcall.kafka;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The group's coordinator goes to another broker while the consumer works: commits follow it, nothing is lost or done again. */
class CoordinatorMovedTest {

    private static final String OFFSETS = "__consumer_offsets";

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void commits_follow_a_coordinator_that_moves_while_running_and_in_the_drain(String protocol) throws Exception {
        try (KafkaBroker broker = KafkaBroker.start();
                Trial trial = new Trial(broker, 1)) {
            AtomicInteger handled = new AtomicInteger();
            CountDownLatch before = new CountDownLatch(10);
            CountDownLatch after = new CountDownLatch(20);
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            MessageConsumer consumer = MessageConsumer.from(
                            trial.source(Trial.protocol(protocol)).commitInterval(Duration.ofMillis(50)))
                    .name("follower")
                    .dropRejected()
                    .handle((message, context) -> {
                        if (handled.incrementAndGet() > 20) {
                            held.countDown();
                            go.await();
                        }
                        before.countDown();
                        after.countDown();
                        return Outcome.accept();
                    })
                    .start();
            trial.send(0, 0, 10);
            assertThat(before.await(30, SECONDS)).isTrue();
            await().until(() -> trial.committed(0), Optional.of(10L)::equals);

            broker.join(2);
            move(broker, 1, 2);
            trial.send(0, 10, 10);
            assertThat(after.await(30, SECONDS)).isTrue();
            await().until(() -> trial.committed(0), Optional.of(20L)::equals);

            trial.send(0, 20, 1);
            assertThat(held.await(30, SECONDS)).isTrue();
            CompletionStage<DrainReport> draining = consumer.beginDrain(
                    DrainRequest.because("the coordinator moves meanwhile").within(Duration.ofSeconds(30)));
            move(broker, 2, 1);
            go.countDown();
            DrainReport report = draining.toCompletableFuture().get(40, SECONDS);

            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(report.counts().accepted()).isEqualTo(21);
            assertThat(handled).hasValue(21);
            assertThat(trial.committed(0)).contains(21L);
        }
    }

    private static void move(KafkaBroker broker, int from, int to) throws Exception {
        Map<TopicPartition, Optional<NewPartitionReassignment>> moves = new HashMap<>();
        TopicDescription offsets = offsets(broker);
        assertThat(offsets.partitions()).allMatch(it -> it.leader().id() == from);
        offsets.partitions()
                .forEach(it -> moves.put(
                        new TopicPartition(OFFSETS, it.partition()),
                        Optional.of(new NewPartitionReassignment(List.of(to)))));
        broker.admin().alterPartitionReassignments(moves).all().get(30, SECONDS);
        await().until(() -> offsets(broker).partitions().stream()
                .allMatch(it -> it.leader() != null && it.leader().id() == to));
    }

    private static TopicDescription offsets(KafkaBroker broker) throws Exception {
        return requireNonNull(broker.admin()
                        .describeTopics(List.of(OFFSETS))
                        .topicNameValues()
                        .get(OFFSETS))
                .get(30, SECONDS);
    }
}
