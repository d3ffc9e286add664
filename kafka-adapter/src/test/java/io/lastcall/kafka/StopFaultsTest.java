package io.lastcall.kafka;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lastcall.ConsumerBuilder;
import io.lastcall.ConsumerListener;
import io.lastcall.ConsumerState;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.Retry;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways in which consumers stop badly, T4 to T14 by their numbers; T6, T11 and parts of T14 stand with their subjects. */
class StopFaultsTest {

    private static ConsumerBuilder<byte[]> consumer(Trial trial) {
        return MessageConsumer.from(trial.source("classic"))
                .name("stop")
                .ordering(Ordering.byLane())
                .dropRejected();
    }

    private static DrainReport report(MessageConsumer consumer, DrainRequest request) throws Exception {
        return consumer.beginDrain(request).toCompletableFuture().get(60, SECONDS);
    }

    /** Work that ends two seconds after the drain began is waited for; what closes afterwards is not touched late. */
    @Test
    void t04_a_drain_waits_for_work_elsewhere() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 1);
            CountDownLatch begun = new CountDownLatch(1);
            CompletableFuture<Void> elsewhere = new CompletableFuture<>();
            AtomicBoolean closed = new AtomicBoolean();
            AtomicBoolean late = new AtomicBoolean();
            MessageConsumer consumer = consumer(trial)
                    .handle((message, context) -> {
                        begun.countDown();
                        elsewhere.get();
                        late.set(closed.get());
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();
            var draining = consumer.beginDrain(DrainRequest.because("test")).toCompletableFuture();
            elsewhere.completeOnTimeout(null, 2, SECONDS);
            DrainReport report = draining.get(30, SECONDS);
            closed.set(true);

            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(report.counts().accepted()).isEqualTo(1);
            assertThat(late).isFalse();
            assertThat(trial.committed(0)).contains(1L);
        }
    }

    /** At the deadline it is interrupted, and its record is not committed. */
    @Test
    void t04_what_is_cut_off_at_the_deadline_is_not_committed() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 2);
            CountDownLatch second = new CountDownLatch(1);
            CountDownLatch interrupted = new CountDownLatch(1);
            MessageConsumer consumer = consumer(trial)
                    .handle((message, context) -> {
                        if (Trial.text(requireNonNull(message.body())).equals("1")) {
                            second.countDown();
                            try {
                                new CountDownLatch(1).await();
                            } catch (InterruptedException e) {
                                interrupted.countDown();
                                throw e;
                            }
                        }
                        return Outcome.accept();
                    })
                    .start();
            assertThat(second.await(30, SECONDS)).isTrue();
            DrainReport report = report(consumer, DrainRequest.because("test").within(Duration.ofSeconds(2)));

            assertThat(interrupted.await(30, SECONDS)).isTrue();
            assertThat(report.counts().accepted()).as(report.describe()).isEqualTo(1);
            assertThat(report.phases().total()).isLessThan(Duration.ofMillis(2_250));
            assertThat(trial.committed(0)).contains(1L);
        }
    }

    /** Closed is said when nothing is held and the broker has the last commit, not when a stop is asked for. */
    @Test
    void t05_closed_is_said_after_the_last_commit() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 3);
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            AtomicInteger running = new AtomicInteger();
            Queue<String> heard = new ConcurrentLinkedQueue<>();
            MessageConsumer consumer = consumer(trial)
                    .listener(new ConsumerListener() {
                        @Override
                        public void stateChanged(String name, ConsumerState from, ConsumerState to) {
                            if (to == ConsumerState.CLOSED) {
                                heard.add("closed, " + running + " run, committed " + trial.committed(0));
                            }
                        }

                        @Override
                        public void drained(DrainReport report) {
                            heard.add("drained, " + report.clean());
                        }
                    })
                    .handle((message, context) -> {
                        running.incrementAndGet();
                        begun.countDown();
                        go.await();
                        running.decrementAndGet();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();
            var draining = consumer.beginDrain(DrainRequest.because("test")).toCompletableFuture();
            await().atMost(Trial.SOON).until(() -> consumer.state() == ConsumerState.FINISHING);
            assertThat(heard).isEmpty();
            go.countDown();
            draining.get(30, SECONDS);
            await().atMost(Trial.SOON).until(() -> heard.size() == 2);
            assertThat(heard).containsExactlyInAnyOrder("closed, 0 run, committed Optional[1]", "drained, true");
        }
    }

    /** A drain takes what its work takes, not what it may. */
    @ParameterizedTest
    @ValueSource(ints = {0, 400})
    void t07_a_drain_never_takes_the_full_grace(int handlerMillis) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 1);
            CountDownLatch begun = new CountDownLatch(1);
            CompletableFuture<Void> work = new CompletableFuture<>();
            MessageConsumer consumer = consumer(trial)
                    .handle((message, context) -> {
                        begun.countDown();
                        work.get();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();
            if (handlerMillis == 0) {
                work.complete(null);
                await().atMost(Trial.SOON).until(() -> trial.committed(0).equals(Optional.of(1L)));
            } else {
                work.completeOnTimeout(null, handlerMillis, MILLISECONDS);
            }
            DrainReport report = report(consumer, DrainRequest.because("test"));
            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(report.phases().total())
                    .as(report.describe())
                    .isLessThan(Duration.ofMillis(500 + handlerMillis));
        }
    }

    /** try-with-resources drains: no record begins after the stop, nobody is interrupted. */
    @Test
    void t08_close_is_a_drain() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 50);
            CountDownLatch begun = new CountDownLatch(1);
            AtomicInteger handled = new AtomicInteger();
            AtomicInteger startedLate = new AtomicInteger();
            AtomicBoolean interrupted = new AtomicBoolean();
            MessageConsumer seen;
            try (MessageConsumer consumer = consumer(trial)
                    .handle((message, context) -> {
                        if (context.stopping()) {
                            startedLate.incrementAndGet();
                        }
                        begun.countDown();
                        try {
                            new CountDownLatch(1).await(100, MILLISECONDS); // the work
                        } catch (InterruptedException e) {
                            interrupted.set(true);
                        }
                        handled.incrementAndGet();
                        return Outcome.accept();
                    })
                    .start()) {
                assertThat(begun.await(30, SECONDS)).isTrue();
                seen = consumer;
            }
            DrainReport report = seen.ended().toCompletableFuture().get(1, SECONDS);
            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(startedLate).hasValue(0);
            assertThat(interrupted).isFalse();
            assertThat(trial.committed(0)).contains((long) handled.get());
            assertThat(report.counts().released()).isEqualTo(50 - handled.get());
        }
    }

    /** Whatever fails at the end: the steps after it run, the client is closed, and the report has every error. */
    @ParameterizedTest
    @ValueSource(strings = {"pause", "commit", "close", "pause commit close"})
    void t09_a_step_that_fails_stops_no_other(String failing) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 1);
            Queue<String> calls = new ConcurrentLinkedQueue<>();
            CountDownLatch done = new CountDownLatch(1);
            AtomicBoolean armed = new AtomicBoolean();
            List<String> broken = List.of(failing.split(" "));
            MessageConsumer consumer = MessageConsumer.from(trial.source("classic")
                            .commitInterval(Duration.ofHours(1))
                            .clients(properties -> new KafkaConsumer<>(properties) {
                                private void step(String name) {
                                    if (armed.get()) {
                                        calls.add(name);
                                        if (broken.contains(name)) {
                                            throw new KafkaException(name + " fails");
                                        }
                                    }
                                }

                                @Override
                                public void pause(java.util.Collection<TopicPartition> partitions) {
                                    super.pause(partitions);
                                    step("pause");
                                }

                                @Override
                                public void commitSync(
                                        Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
                                    step("commit");
                                    super.commitSync(offsets, timeout);
                                }

                                @Override
                                public void close(CloseOptions option) {
                                    super.close(option);
                                    step("close");
                                }
                            }))
                    .name("steps")
                    .dropRejected()
                    .handle((message, context) -> {
                        done.countDown();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(done.await(30, SECONDS)).isTrue();
            await().atMost(Trial.SOON).until(() -> consumer.snapshot().held() == 0);
            armed.set(true);
            DrainReport report = report(consumer, DrainRequest.because("test").within(Duration.ofSeconds(10)));

            assertThat(calls).contains("pause", "commit", "close");
            assertThat(report.clean()).isFalse();
            assertThat(report.phases().total()).as(report.describe()).isLessThan(Duration.ofSeconds(10));
            for (String name : broken) {
                assertThat(everything(report)).contains(name + " fails");
            }
            if (broken.contains("commit")) {
                assertThat(report.counts().unconfirmed()).isEqualTo(1);
                assertThat(trial.committed(0)).isEmpty();
            } else {
                assertThat(trial.committed(0)).contains(1L);
            }
        }
    }

    private static String everything(DrainReport report) {
        StringBuilder all = new StringBuilder(report.describe());
        report.problems().forEach(it -> append(all, it.cause()));
        report.failure().ifPresent(it -> append(all, it));
        return all.toString();
    }

    private static void append(StringBuilder all, @org.jspecify.annotations.Nullable Throwable error) {
        for (Throwable it = error; it != null; it = it.getCause()) {
            all.append(' ').append(it);
            for (Throwable other : it.getSuppressed()) {
                append(all, other);
            }
        }
    }

    /** The deadline is one setting; the interval of commits is another; a rebalance in the drain brings nothing. */
    @Test
    void t10_a_rebalance_in_the_drain_brings_no_work() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 2)) {
            trial.send(0, 0, 20);
            trial.send(1, 20, 20);
            CountDownLatch begun = new CountDownLatch(2);
            CountDownLatch go = new CountDownLatch(1);
            MessageConsumer first = MessageConsumer.from(trial.source("classic").commitInterval(Duration.ofHours(1)))
                    .name("first")
                    .concurrency(2)
                    .ordering(Ordering.byLane())
                    .drain(DrainSettings.within(Duration.ofSeconds(20)))
                    .dropRejected()
                    .handle((message, context) -> {
                        begun.countDown();
                        go.await();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();
            var draining = first.beginDrain(DrainRequest.because("test")).toCompletableFuture();
            await().atMost(Trial.SOON).until(() -> first.state() == ConsumerState.FINISHING);
            long received = first.snapshot().counts().received();

            MessageConsumer visitor = MessageConsumer.from(trial.source("classic"))
                    .name("visitor")
                    .dropRejected()
                    .handle((message, context) -> Outcome.accept())
                    .start();
            await().atMost(Trial.SOON).until(() -> trial.members() == 2);
            assertThat(visitor.drain().clean()).isTrue();
            go.countDown();

            DrainReport report = draining.get(30, SECONDS);
            assertThat(report.counts().received()).as(report.describe()).isEqualTo(received);
            assertThat(report.counts().accepted()
                            + report.counts().revoked()
                            + report.counts().released())
                    .isEqualTo(received);
            assertThat(report.phases().total()).isLessThan(Duration.ofSeconds(20));
        }
    }

    /** A record that waits for ten minutes to be tried again is left, at once. */
    @Test
    void t13_a_back_off_never_holds_a_drain() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 2);
            CountDownLatch failed = new CountDownLatch(1);
            MessageConsumer consumer = consumer(trial)
                    .retry(Retry.fixed(1_000, Duration.ofMinutes(10)))
                    .handle((message, context) -> {
                        if (Trial.text(requireNonNull(message.body())).equals("1")) {
                            failed.countDown();
                            return Outcome.retry();
                        }
                        return Outcome.accept();
                    })
                    .start();
            assertThat(failed.await(30, SECONDS)).isTrue();
            DrainReport report = report(consumer, DrainRequest.because("test"));
            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(report.phases().total()).as(report.describe()).isLessThan(Duration.ofSeconds(1));
            assertThat(report.counts().accepted()).isEqualTo(1);
            assertThat(report.counts().released()).isEqualTo(1);
            assertThat(trial.committed(0)).contains(1L);
        }
    }
}
