package io.lastcall.kafka;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lastcall.DrainReport;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.Retry;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What rebalances do to consumers, T15 to T22 by their numbers; T18, T21 and a part of T22 stand with their subjects. */
class RebalanceFaultsTest {

    private static final int PARTITIONS = 4;

    private static Map<String, Object> protocol(String name) {
        if (!name.equals("cooperative")) {
            return Trial.protocol(name);
        }
        Map<String, Object> properties = new HashMap<>(Trial.protocol("classic"));
        properties.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
        return properties;
    }

    private static String text(Message<byte[]> message) {
        return Trial.text(requireNonNull(message.body()));
    }

    /**
     * Fifty members come and go under load, in each of two protocols, each a rebalance when it comes and one when it goes, while the one that stays pauses,
     * and commits at other times than they do. Nothing stands still afterwards, nothing is left out, and whoever leaves by a drain
     * makes nothing come twice.
     */
    @ParameterizedTest
    @ValueSource(strings = {"classic", "cooperative"})
    void t15_no_partition_stands_still_after_two_hundred_rebalances(String protocol) throws Exception {
        int visits = 50;
        int each = 10;
        Random random = new Random(15);
        try (Trial trial = new Trial(KafkaBroker.shared(), PARTITIONS)) {
            Map<String, Object> properties = protocol(protocol);
            properties = new HashMap<>(properties);
            properties.put("heartbeat.interval.ms", 20);
            Set<String> handled = ConcurrentHashMap.newKeySet();
            AtomicInteger calls = new AtomicInteger();
            MessageConsumer stays = MessageConsumer.from(trial.source(properties))
                    .name("stays")
                    .concurrency(8)
                    .dropRejected()
                    .handle((message, context) -> {
                        calls.incrementAndGet();
                        handled.add(text(message));
                        return Outcome.accept();
                    })
                    .start();
            int sent = 0;
            for (int visit = 0; visit < visits; visit++) {
                trial.send(visit % PARTITIONS, sent, each);
                sent += each;
                if (random.nextInt(4) == 0) {
                    stays.pause("test");
                }
                CountDownLatch one = new CountDownLatch(1);
                MessageConsumer visitor = MessageConsumer.from(
                                trial.source(properties).commitInterval(Duration.ofMillis(1 + random.nextInt(500))))
                        .name("visitor")
                        .dropRejected()
                        .handle((message, context) -> {
                            one.countDown();
                            calls.incrementAndGet();
                            handled.add(text(message));
                            return Outcome.accept();
                        })
                        .start();
                await().atMost(Trial.SOON).until(() -> trial.members() == 2);
                if (random.nextInt(3) == 0) {
                    stays.resume("test");
                }
                DrainReport left = visitor.drain();
                assertThat(left.clean()).as(left.describe()).isTrue();
                stays.resume("test");
            }
            for (int partition = 0; partition < PARTITIONS; partition++) {
                trial.send(partition, sent, each);
                sent += each;
            }
            int all = sent;
            await().atMost(Duration.ofSeconds(10)).until(() -> handled.size() == all);
            await().atMost(Duration.ofSeconds(10)).until(() -> {
                Map<TopicPartition, OffsetAndMetadata> committed = trial.broker.committed(trial.group);
                return committed.values().stream()
                                .mapToLong(OffsetAndMetadata::offset)
                                .sum()
                        == all;
            });
            DrainReport report = stays.drain();
            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(calls).hasValue(all);
        }
    }

    /** Metadata that is not ours, or broken, says nothing: all from the committed offset on comes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "lastcall1:",
                "lastcall1:!!",
                "lastcall1:AAAA",
                "lastcall9:BAE=",
                "{\"owner\":\"another\"}",
                "b"
            })
    void t16_metadata_that_cannot_be_read_says_that_nothing_is_done(String metadata) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 8);
            trial.broker
                    .admin()
                    .alterConsumerGroupOffsets(
                            trial.group, Map.of(new TopicPartition(trial.topic, 0), new OffsetAndMetadata(3, metadata)))
                    .all()
                    .get(30, SECONDS);
            Queue<String> handled = new ConcurrentLinkedQueue<>();
            CountDownLatch all = new CountDownLatch(5);
            MessageConsumer consumer = MessageConsumer.from(trial.source("classic"))
                    .name("metadata")
                    .ordering(Ordering.byLane())
                    .dropRejected()
                    .handle((message, context) -> {
                        handled.add(text(message));
                        all.countDown();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(all.await(30, SECONDS)).isTrue();
            assertThat(consumer.drain().clean()).isTrue();
            assertThat(handled).containsExactly("3", "4", "5", "6", "7");
            assertThat(trial.committed(0)).contains(8L);
        }
    }

    /** With work in flight that outlasts the wait: kept partitions go on, and what ends late changes nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"classic", "cooperative", "consumer"})
    void t17_kept_partitions_go_on_and_a_late_outcome_changes_nothing(String protocol) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), PARTITIONS)) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                trial.send(partition, partition * 10, 1);
            }
            CountDownLatch begun = new CountDownLatch(PARTITIONS);
            CountDownLatch go = new CountDownLatch(1);
            Queue<String> handled = new ConcurrentLinkedQueue<>();
            MessageConsumer first = MessageConsumer.from(
                            trial.source(protocol(protocol)).revokeWait(Duration.ofMillis(200)))
                    .name("first")
                    .concurrency(2 * PARTITIONS)
                    .dropRejected()
                    .handle((message, context) -> {
                        if (begun.getCount() > 0) {
                            begun.countDown();
                            go.await();
                        }
                        handled.add(text(message));
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();
            MessageConsumer second = MessageConsumer.from(trial.source(protocol(protocol)))
                    .name("second")
                    .concurrency(PARTITIONS)
                    .dropRejected()
                    .handle((message, context) -> {
                        handled.add(text(message));
                        return Outcome.accept();
                    })
                    .start();
            await().atMost(Trial.SOON).until(() -> first.snapshot().counts().revoked() > 0);
            long revoked = first.snapshot().counts().revoked();
            go.countDown();
            await().atMost(Trial.SOON).until(() -> first.snapshot().lateOutcomes() == revoked);
            for (int partition = 0; partition < PARTITIONS; partition++) {
                trial.send(partition, partition * 10 + 1, 5);
            }
            for (int partition = 0; partition < PARTITIONS; partition++) {
                int which = partition;
                await().atMost(Trial.SOON).until(() -> trial.committed(which).equals(Optional.of(6L)));
            }
            assertThat(new HashSet<>(handled)).hasSize(PARTITIONS * 6);
            assertThat(handled).hasSize((int) (PARTITIONS * 6 + revoked));
            assertThat(first.drain().counts().unconfirmed()).isZero();
            assertThat(second.drain().clean()).isTrue();
        }
    }

    /** While one record waits to be tried again a rebalance comes and goes: what was polled with it is not thrown away. */
    @ParameterizedTest
    @ValueSource(strings = {"classic", "cooperative", "consumer"})
    void t19_a_rebalance_in_a_back_off_loses_nothing(String protocol) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 2)) {
            trial.send(0, 0, 20);
            trial.send(1, 20, 20);
            CountDownLatch failed = new CountDownLatch(1);
            Set<String> handled = ConcurrentHashMap.newKeySet();
            MessageConsumer first = MessageConsumer.from(trial.source(protocol(protocol)))
                    .name("first")
                    .ordering(Ordering.byLane())
                    .concurrency(2)
                    .retry(Retry.fixed(100, Duration.ofMillis(1_500)))
                    .dropRejected()
                    .handle((message, context) -> {
                        if (text(message).equals("5") && context.attempt() == 1) {
                            failed.countDown();
                            return Outcome.retry();
                        }
                        handled.add(text(message));
                        return Outcome.accept();
                    })
                    .start();
            assertThat(failed.await(30, SECONDS)).isTrue();
            MessageConsumer visitor = MessageConsumer.from(trial.source(protocol(protocol)))
                    .name("visitor")
                    .dropRejected()
                    .handle((message, context) -> {
                        handled.add(text(message));
                        return Outcome.accept();
                    })
                    .start();
            await().atMost(Trial.SOON).until(() -> trial.members() == 2);
            assertThat(visitor.drain().clean()).isTrue();

            await().atMost(Trial.SOON).until(() -> trial.committed(0).equals(Optional.of(20L)));
            await().atMost(Trial.SOON).until(() -> trial.committed(1).equals(Optional.of(20L)));
            assertThat(handled).hasSize(40);
            assertThat(first.drain().clean()).isTrue();
        }
    }

    /** Many records of one partition fail, in any order: each is tried as often as it may be, and kept as a dead letter. */
    @Test
    void t20_each_failing_record_is_tried_exactly_as_often_as_it_may_be() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 60);
            String dead = trial.broker.newTopic(1);
            Map<String, AtomicInteger> tries = new ConcurrentHashMap<>();
            try (KafkaDeadLetters letters =
                    KafkaDeadLetters.open(Map.of("bootstrap.servers", trial.broker.bootstrap()), dead)) {
                MessageConsumer consumer = MessageConsumer.from(trial.source("classic"))
                        .name("failing")
                        .concurrency(8)
                        .retry(Retry.exponential(3, Duration.ofMillis(1), Duration.ofMillis(50)))
                        .deadLetters(letters)
                        .handle((message, context) -> {
                            tries.computeIfAbsent(text(message), it -> new AtomicInteger())
                                    .incrementAndGet();
                            if (Integer.parseInt(text(message)) % 3 == 0) {
                                throw new IllegalStateException("fails");
                            }
                            return Outcome.accept();
                        })
                        .start();
                await().atMost(Trial.SOON).until(() -> trial.committed(0).equals(Optional.of(60L)));
                DrainReport report = consumer.drain();
                assertThat(report.counts().accepted()).as(report.describe()).isEqualTo(40);
                assertThat(report.counts().rejected()).isEqualTo(20);
                assertThat(report.dropped()).isZero();
            }
            assertThat(tries).hasSize(60);
            tries.forEach((value, count) ->
                    assertThat(count.get()).as(value).isEqualTo(Integer.parseInt(value) % 3 == 0 ? 3 : 1));
            assertThat(trial.readAll(dead)).hasSize(20);
        }
    }

    /** A handler that does not come back holds its key and nothing else; what comes again while it runs is not run beside it. */
    @Test
    void t22_a_stuck_record_holds_only_its_key() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 2)) {
            for (int i = 0; i < 40; i++) {
                trial.sendKeyed(i % 2, "key-" + i % 8, Integer.toString(i));
            }
            CountDownLatch go = new CountDownLatch(1);
            Set<String> handled = ConcurrentHashMap.newKeySet();
            AtomicInteger sameKey = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            MessageConsumer consumer = MessageConsumer.from(trial.source("classic"))
                    .name("stuck")
                    .ordering(Ordering.byKey())
                    .concurrency(4)
                    .dropRejected()
                    .handle((message, context) -> {
                        boolean ofIt = Trial.text(requireNonNull(message.key())).equals("key-0");
                        if (ofIt) {
                            most.accumulateAndGet(sameKey.incrementAndGet(), Math::max);
                            go.await();
                            sameKey.decrementAndGet();
                        }
                        handled.add(text(message));
                        return Outcome.accept();
                    })
                    .start();
            await().atMost(Trial.SOON).until(() -> handled.size() == 35);
            assertThat(trial.committed(0)).isNotEqualTo(Optional.of(20L));
            await().atMost(Trial.SOON).until(() -> trial.committed(1).equals(Optional.of(20L)));
            go.countDown();
            await().atMost(Trial.SOON).until(() -> handled.size() == 40);
            DrainReport report = consumer.drain();
            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(most).hasValue(1);
            assertThat(trial.committed(0)).contains(20L);
        }
    }

    /** A partition comes back while an old handler of it still runs: its key waits for that handler. */
    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void a_key_never_runs_beside_its_orphan(String protocol) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.sendKeyed(0, "key", "0");
            trial.sendKeyed(0, "key", "1");
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            AtomicInteger running = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            Queue<String> handled = new ConcurrentLinkedQueue<>();
            MessageConsumer consumer = MessageConsumer.from(
                            trial.source(Trial.protocol(protocol)).revokeWait(Duration.ofMillis(100)))
                    .name("orphan")
                    .ordering(Ordering.byKey())
                    .concurrency(4)
                    .dropRejected()
                    .handle((message, context) -> {
                        most.accumulateAndGet(running.incrementAndGet(), Math::max);
                        if (begun.getCount() > 0) {
                            begun.countDown();
                            go.await();
                        }
                        handled.add(text(message));
                        running.decrementAndGet();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();
            trial.expelAll();
            await().atMost(Trial.SOON).until(() -> consumer.snapshot().counts().revoked() == 2);
            trial.sendKeyed(0, "other", "2");
            await().atMost(Trial.SOON).until(() -> handled.contains("2"));
            assertThat(handled).containsExactly("2"); // the partition is back, and only the key waits
            go.countDown();
            await().atMost(Trial.SOON).until(() -> trial.committed(0).equals(Optional.of(3L)));
            DrainReport report = consumer.drain();
            assertThat(most.get()).as(report.describe()).isLessThanOrEqualTo(2); // "other" may run beside it
            assertThat(handled).containsExactly("2", "0", "0", "1");
        }
    }
}
