package io.lastcall.kafka;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrokerGoneTest {

    private static final Duration BUDGET = Duration.ofSeconds(4);

    private final KafkaBroker broker = KafkaBroker.start();

    @BeforeAll
    void warmUp() throws Exception {
        try (Trial trial = new Trial(broker, 1)) {
            trial.send(0, 0, 1);
        }
    }

    @AfterAll
    void close() {
        broker.close();
    }

    /** H5, H6: the drain keeps its time and calls unconfirmed what no broker has confirmed; then it comes again. */
    @ParameterizedTest
    @CsvSource({"classic,true", "classic,false", "consumer,true", "consumer,false"})
    void t14_a_drain_without_its_broker_ends_in_time_and_says_so(String protocol, boolean killed) throws Exception {
        try (Trial trial = new Trial(broker, 1)) {
            trial.send(0, 0, 5);
            CountDownLatch begun = new CountDownLatch(5); // a rebalance would take away what has not
            CountDownLatch go = new CountDownLatch(1);
            CountDownLatch done = new CountDownLatch(5);
            MessageConsumer consumer = MessageConsumer.from(trial.source(protocol))
                    .name("gone")
                    .concurrency(5)
                    .dropRejected()
                    .handle((message, context) -> {
                        begun.countDown();
                        go.await();
                        done.countDown();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();
            if (killed) {
                broker.kill9();
            } else {
                broker.suspend();
            }
            go.countDown();
            assertThat(done.await(30, SECONDS)).isTrue();

            DrainReport report = consumer.beginDrain(
                            DrainRequest.because("test").within(BUDGET))
                    .toCompletableFuture()
                    .get(30, SECONDS);

            assertThat(report.phases().total()).as(report.describe()).isLessThan(BUDGET.plusMillis(250));
            assertThat(report.counts().unconfirmed()).as(report.describe()).isEqualTo(5);
            assertThat(report.clean()).isFalse();
            if (killed) {
                broker.startAgain();
            } else {
                broker.resume();
            }

            trial.send(0, 5, 1);
            Queue<String> again = new ConcurrentLinkedQueue<>();
            CountDownLatch last = new CountDownLatch(1);
            MessageConsumer next = MessageConsumer.from(trial.source(protocol))
                    .name("next")
                    .ordering(Ordering.byLane())
                    .dropRejected()
                    .handle((message, context) -> {
                        String value = Trial.text(requireNonNull(message.body()));
                        again.add(value);
                        if (value.equals("5")) {
                            last.countDown();
                        }
                        return Outcome.accept();
                    })
                    .start();
            assertThat(last.await(60, SECONDS)).isTrue();
            assertThat(next.drain().clean()).isTrue();
            if (killed || again.size() > 1) {
                assertThat(again).containsExactly("0", "1", "2", "3", "4", "5");
            } else {
                // Unconfirmed means that nobody knows: the frozen broker took the commit when it woke.
                assertThat(again).containsExactly("5");
            }
            assertThat(trial.committed(0)).contains(6L);
        }
    }

    /**
     * A commit that fails while the partition is ours is made good by the next one: nothing is answered badly. The client is told
     * not to begin anew from its bootstrap servers when its only broker is gone, since that can give the partition up (KIP-899).
     */
    @Test
    void settlements_survive_a_restart_of_the_broker() throws Exception {
        try (Trial trial = new Trial(broker, 1)) {
            trial.send(0, 0, 100);
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            CountDownLatch done = new CountDownLatch(100);
            MessageConsumer consumer = MessageConsumer.from(
                            trial.source(Map.of("session.timeout.ms", 30_000, "metadata.recovery.strategy", "none")))
                    .name("restart")
                    .ordering(Ordering.byLane())
                    .dropRejected()
                    .handle((message, context) -> {
                        begun.countDown();
                        go.await();
                        done.countDown();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();
            broker.kill9();
            go.countDown();
            assertThat(done.await(30, SECONDS)).isTrue();

            broker.startAgain();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> trial.committed(0).equals(Optional.of(100L)));

            DrainReport report = consumer.drain();
            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(report.counts().accepted()).isEqualTo(100);
        }
    }
}
