package io.lastcall.kafka;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lastcall.ConsumerState;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.StopReason;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RebalanceTest {

    private static final int PARTITIONS = 4;
    private static final int EACH = 500;

    private static Map<String, Object> properties(String protocol) {
        if (!protocol.equals("cooperative")) {
            return Trial.protocol(protocol);
        }
        Map<String, Object> properties = new HashMap<>(Trial.protocol("classic"));
        properties.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
        return properties;
    }

    /** T21: what runs finishes and is committed before the next owner begins, and what has not started is left to it. */
    @ParameterizedTest
    @ValueSource(strings = {"classic", "cooperative", "consumer"})
    void t21_a_second_member_takes_over_without_repeating_anything(String protocol) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), PARTITIONS)) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                trial.send(partition, partition * EACH, EACH);
            }
            Queue<String> handled = new ConcurrentLinkedQueue<>();
            CountDownLatch begun = new CountDownLatch(PARTITIONS);
            CountDownLatch go = new CountDownLatch(1);
            CountDownLatch all = new CountDownLatch(PARTITIONS * EACH);
            MessageConsumer first = MessageConsumer.from(
                            trial.source(properties(protocol)).revokeWait(Duration.ofSeconds(20)))
                    .name("first")
                    .concurrency(PARTITIONS)
                    .ordering(Ordering.byLane())
                    .dropRejected()
                    .handle((message, context) -> {
                        begun.countDown();
                        go.await();
                        handled.add(Trial.text(requireNonNull(message.body())));
                        all.countDown();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();

            AtomicBoolean early = new AtomicBoolean();
            CountDownLatch secondWorks = new CountDownLatch(1);
            MessageConsumer second = MessageConsumer.from(trial.source(properties(protocol)))
                    .name("second")
                    .ordering(Ordering.byLane())
                    .dropRejected()
                    .handle((message, context) -> {
                        early.compareAndSet(false, go.getCount() > 0);
                        handled.add(Trial.text(requireNonNull(message.body())));
                        secondWorks.countDown();
                        all.countDown();
                        return Outcome.accept();
                    })
                    .start();
            await().atMost(Trial.SOON).until(() -> first.snapshot().counts().revoked() > 0);
            go.countDown();

            assertThat(all.await(60, SECONDS)).isTrue();
            assertThat(secondWorks.await(30, SECONDS)).isTrue();
            DrainReport ofFirst = first.drain();
            DrainReport ofSecond = second.drain();

            assertThat(early).isFalse();
            assertThat(handled).hasSize(PARTITIONS * EACH).doesNotHaveDuplicates();
            assertThat(ofFirst.clean()).as(ofFirst.describe()).isTrue();
            assertThat(ofSecond.clean()).as(ofSecond.describe()).isTrue();
            assertThat(ofFirst.counts().accepted() + ofSecond.counts().accepted())
                    .isEqualTo(PARTITIONS * EACH);
            for (int partition = 0; partition < PARTITIONS; partition++) {
                assertThat(trial.committed(partition)).contains((long) EACH);
            }
        }
    }

    @Test
    void a_handler_that_outlasts_the_wait_is_cut_off_and_its_record_comes_again() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 1);
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            Queue<Optional<StopReason>> told = new ConcurrentLinkedQueue<>();
            Map<String, Object> properties = properties("classic");
            MessageConsumer first = MessageConsumer.from(
                            trial.source(properties).revokeWait(Duration.ofMillis(300)))
                    .name("first")
                    .dropRejected()
                    .handle((message, context) -> {
                        begun.countDown();
                        go.await();
                        told.add(context.why());
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();

            // The eager protocol takes the partition away for a moment, whoever gets it then.
            CountDownLatch again = new CountDownLatch(1);
            MessageConsumer second = MessageConsumer.from(trial.source(properties))
                    .name("second")
                    .dropRejected()
                    .handle((message, context) -> {
                        again.countDown();
                        return Outcome.accept();
                    })
                    .start();
            await().atMost(Trial.SOON).until(() -> first.snapshot().counts().revoked() == 1);
            go.countDown();
            await().atMost(Trial.SOON).until(() -> first.snapshot().lateOutcomes() == 1);

            DrainReport report = first.drain();
            assertThat(report.counts().accepted() + report.counts().revoked())
                    .as(report.describe())
                    .isEqualTo(report.counts().received());
            assertThat(told.peek()).isEqualTo(Optional.of(StopReason.LANE_REVOKED));
            if (report.counts().received() == 1) {
                assertThat(again.await(30, SECONDS)).isTrue();
            }
            assertThat(second.drain().clean()).isTrue();
            assertThat(trial.committed(0)).contains(1L);
        }
    }

    /** Thrown out by the broker: nothing may be committed, handlers are told at once, the record comes again. */
    @Test
    void a_lost_partition_is_fenced_at_once() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 2);
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            CountDownLatch three = new CountDownLatch(3);
            Queue<String> handled = new ConcurrentLinkedQueue<>();
            Queue<Optional<StopReason>> told = new ConcurrentLinkedQueue<>();
            MessageConsumer consumer = MessageConsumer.from(trial.source(properties("classic")))
                    .name("lost")
                    .ordering(Ordering.byLane())
                    .dropRejected()
                    .handle((message, context) -> {
                        begun.countDown();
                        go.await();
                        told.add(context.why());
                        handled.add(message.id());
                        three.countDown();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();

            trial.broker
                    .admin()
                    .removeMembersFromConsumerGroup(trial.group, new RemoveMembersFromConsumerGroupOptions())
                    .all()
                    .get(30, SECONDS);
            await().atMost(Trial.SOON).until(() -> consumer.snapshot().counts().revoked() == 2);
            go.countDown();
            assertThat(three.await(30, SECONDS)).isTrue();

            DrainReport report = consumer.drain();
            assertThat(told).first().isEqualTo(Optional.of(StopReason.LANE_REVOKED));
            assertThat(handled).containsExactly(trial.topic + "-0@0", trial.topic + "-0@0", trial.topic + "-0@1");
            assertThat(report.counts().revoked()).as(report.describe()).isEqualTo(2);
            assertThat(report.counts().accepted()).isEqualTo(2);
            assertThat(report.lateOutcomes()).isEqualTo(1);
            assertThat(trial.committed(0)).contains(2L);
        }
    }

    /** A stop that is asked for while a rebalance waits for handlers is confirmed from within the callback. */
    @Test
    void t14_a_stop_during_a_rebalance_is_confirmed_before_its_wait_ends() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 2)) {
            trial.send(0, 0, 3);
            trial.send(1, 10, 3);
            CountDownLatch begun = new CountDownLatch(2);
            CountDownLatch go = new CountDownLatch(1);
            MessageConsumer first = MessageConsumer.from(
                            trial.source(properties("classic")).revokeWait(Duration.ofSeconds(20)))
                    .name("first")
                    .concurrency(2)
                    .ordering(Ordering.byLane())
                    .dropRejected()
                    .handle((message, context) -> {
                        begun.countDown();
                        go.await();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();
            MessageConsumer second = MessageConsumer.from(trial.source(properties("classic")))
                    .name("second")
                    .dropRejected()
                    .handle((message, context) -> Outcome.accept())
                    .start();
            await().atMost(Trial.SOON).until(() -> first.snapshot().counts().revoked() == 4);

            var draining = first.beginDrain(DrainRequest.because("test")).toCompletableFuture();
            await().atMost(Duration.ofSeconds(5)).until(() -> first.state() == ConsumerState.FINISHING);
            go.countDown();
            DrainReport report = draining.get(30, SECONDS);

            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(report.stopConfirmed()).isTrue();
            assertThat(report.counts().accepted()).isEqualTo(2);
            assertThat(report.counts().revoked()).isEqualTo(4);
            await().atMost(Trial.SOON).until(() -> trial.committed(0).equals(Optional.of(3L)));
            await().atMost(Trial.SOON).until(() -> trial.committed(1).equals(Optional.of(3L)));
            assertThat(second.drain().counts().accepted()).isEqualTo(4);
        }
    }
}
