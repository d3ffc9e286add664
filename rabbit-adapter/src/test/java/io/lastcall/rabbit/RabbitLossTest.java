package io.lastcall.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.ConnectionFactory;
import io.lastcall.message.Outcome;
import io.lastcall.rabbit.HandIntake.HandLane;
import io.lastcall.rabbit.HandIntake.Taken;
import io.lastcall.rabbit.HandIntake.Told;
import io.lastcall.spi.Source;
import io.lastcall.testkit.broker.RabbitBroker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The source alone, while its server goes away, freezes, or takes things from it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RabbitLossTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int QUEUES = 20;

    private final RabbitBroker broker = RabbitBroker.start();
    private boolean dead;
    private boolean frozen;
    private String queue = "";
    private Source<DeliveryTag> source = RabbitSource.queue("none").open();
    private HandIntake intake = new HandIntake(1);

    // A server that is killed soon after a queue was declared may have forgotten it: these have been through a restart.
    private final Deque<String> queues = new ArrayDeque<>();

    @BeforeAll
    void declareForGood() {
        for (int i = 0; i < QUEUES; i++) {
            queues.add(broker.classicQueue("loss-" + i));
        }
        broker.stop();
        broker.startAgain();
    }

    @AfterAll
    void closeBroker() {
        broker.close();
    }

    @BeforeEach
    void connect() throws Exception {
        queue = queues.remove();
        source = RabbitSource.queue(queue)
                .queueType(QueueType.CLASSIC)
                .connection(broker.connectionFactory())
                .open();
        intake = new HandIntake(10, queue);
        source.start(intake);
    }

    @AfterEach
    void close() throws Exception {
        if (frozen) {
            resume();
        }
        if (dead) {
            startAgain();
        }
        source.close(SOON);
        intake.awaitNoThreads();
    }

    private void kill9() {
        dead = true;
        frozen = false;
        broker.kill9();
    }

    private void startAgain() {
        broker.startAgain();
        dead = false;
    }

    private void suspend() {
        frozen = true;
        broker.suspend();
    }

    private void resume() {
        broker.resume();
        frozen = false;
    }

    private void publish(int from, int to) {
        broker.publish(queue, IntStream.range(from, to).mapToObj(i -> "m" + i).toList());
    }

    private void awaitCounts(int ready, int unacknowledged) {
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(broker.ready(queue)).as("ready").isEqualTo(ready);
            assertThat(broker.unacknowledged(queue)).as("unacknowledged").isEqualTo(unacknowledged);
        });
    }

    private long millisOf(Runnable what) {
        long begin = System.nanoTime();
        what.run();
        return (System.nanoTime() - begin) / 1_000_000;
    }

    @Test
    void what_a_configurator_throws_is_a_connect_that_failed_and_no_more() throws Exception {
        AtomicInteger thrown = new AtomicInteger();
        ConnectionFactory moody = broker.connectionFactory();
        moody.setSocketConfigurator(socket -> {
            if (thrown.get() == 1) {
                thrown.incrementAndGet();
                throw new IllegalStateException("no certificate today");
            }
        });
        source.close(SOON);
        source = RabbitSource.queue(queue).connection(moody).open();
        intake = new HandIntake(10, queue);
        source.start(intake);
        HandLane first = intake.awaitLane(1);

        thrown.set(1);
        kill9();
        startAgain();

        first.awaitRevoked();
        assertThat(intake.awaitLane(2).id.name()).isEqualTo(queue);
        assertThat(thrown).hasValue(2);
    }

    @Test
    void a_start_that_a_configurator_throws_at_fails_with_its_words() throws Exception {
        ConnectionFactory bad = broker.connectionFactory();
        bad.setSocketConfigurator(socket -> {
            throw new IllegalStateException("no certificate at all");
        });
        source.close(SOON);
        source = RabbitSource.queue(queue).connection(bad).open();
        assertThatThrownBy(() -> source.start(new HandIntake(10, queue)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(queue)
                .hasMessageContaining("no certificate at all");
    }

    @Test
    void a_killed_server_revokes_the_lane_and_a_new_one_brings_the_rest_again() {
        publish(0, 4);
        List<Taken> taken = intake.await(4);
        kill9();
        taken.get(0).lane().awaitRevoked();
        List<Told> late = intake.settle(source, taken.subList(1, 2), Outcome.accept());
        assertThat(intake.answers(late)).containsExactly("REFUSED");

        startAgain();

        assertThat(intake.awaitLane(2).id.name()).isEqualTo(queue);
        List<Taken> again = intake.await(8).subList(4, 8);
        assertThat(again).extracting(Taken::body).containsExactly("m0", "m1", "m2", "m3");
        assertThat(again).allMatch(it -> it.lane().id.epoch() > 1);
        assertThat(intake.answers(intake.settle(source, again, Outcome.accept())))
                .containsOnly("SETTLED");
        awaitCounts(0, 0);
    }

    @Test
    void what_was_written_and_not_answered_is_unknown_and_settle_does_not_wait() {
        publish(0, 3);
        List<Taken> taken = intake.await(3);
        suspend();
        List<Told> written = new ArrayList<>();
        assertThat(millisOf(() -> written.addAll(intake.settle(source, taken.subList(0, 2), Outcome.accept()))))
                .isLessThan(500);
        // It has gone into the socket when the owner has come by once more.
        written.addAll(intake.settle(source, taken.subList(2, 3), Outcome.release()));
        assertThat(intake.answered()).isZero();
        kill9();
        assertThat(intake.answers(written)).containsOnly("UNKNOWN");
        startAgain();
    }

    @Test
    void connections_that_an_operator_closes_come_back() {
        publish(0, 2);
        List<Taken> taken = intake.await(2);
        await().atMost(SOON).until(() -> broker.closeConnections(queue) == 1);
        taken.get(0).lane().awaitRevoked();
        intake.awaitLane(2);
        assertThat(intake.await(4).subList(2, 4)).extracting(Taken::body).containsExactly("m0", "m1");
        awaitCounts(0, 2);
    }

    @Test
    void a_server_that_blocks_publishers_still_takes_settlements_and_a_stop() throws Exception {
        publish(0, 4);
        List<Taken> taken = intake.await(4);
        broker.memoryAlarm(true);
        try {
            assertThat(intake.answers(intake.settle(source, taken.subList(0, 2), Outcome.accept())))
                    .containsOnly("SETTLED");
            assertThat(intake.answers(intake.settle(source, taken.subList(2, 3), Outcome.release())))
                    .containsOnly("SETTLED");
            assertThat(intake.await(5).get(4).body()).isEqualTo("m2");
            source.stopReceiving().toCompletableFuture().get(SOON.toSeconds(), TimeUnit.SECONDS);
            source.close(SOON);
        } finally {
            broker.memoryAlarm(false);
        }
        assertThat(taken.get(0).lane().toString()).doesNotContain("LOST");
        awaitCounts(2, 0);
    }

    @Test
    void a_subscription_that_the_server_cancels_is_made_again() {
        publish(0, 1);
        List<Taken> taken = intake.await(1);
        broker.delete(queue);
        broker.classicQueue(queue);
        publish(1, 2);
        assertThat(intake.await(2).get(1).body()).isEqualTo("m1");
        assertThat(intake.answers(intake.settle(source, taken, Outcome.accept())))
                .hasSize(1);
    }

    @Test
    void a_queue_that_stays_away_fails_the_source() throws Exception {
        source.close(SOON);
        source = RabbitSource.queue(queue)
                .connection(broker.connectionFactory())
                .giveUpAfter(Duration.ofMillis(500))
                .open();
        intake = new HandIntake(10);
        source.start(intake);
        broker.delete(queue);
        assertThat(intake.awaitFailure()).hasMessageContaining(queue).hasMessageContaining("404");
        assertThat(source.stopReceiving().toCompletableFuture()).isDone();
    }

    @Test
    void a_queue_deleted_in_a_drain_confirms_the_stop() throws Exception {
        publish(0, 1);
        intake.await(1);
        broker.delete(queue);
        source.stopReceiving().toCompletableFuture().get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void a_server_killed_in_a_drain_confirms_the_stop_and_is_not_connected_to_again() throws Exception {
        publish(0, 2);
        List<Taken> taken = intake.await(2);
        source.stopReceiving().toCompletableFuture().get(SOON.toSeconds(), TimeUnit.SECONDS);
        kill9();
        taken.get(0).lane().awaitRevoked();
        startAgain();
        source.close(SOON);
        intake.awaitNoThreads();
        awaitCounts(2, 0);
    }

    @Test
    void close_of_a_frozen_server_returns_in_time_and_answers_unknown() {
        publish(0, 2);
        List<Taken> taken = intake.await(2);
        suspend();
        List<Told> told = intake.settle(source, taken, Outcome.accept());
        long begin = System.nanoTime();
        assertThatThrownBy(() -> source.close(Duration.ofSeconds(1))).isInstanceOf(Exception.class);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(1_250));
        assertThat(intake.answered()).isEqualTo(2);
        assertThat(intake.answers(told)).containsOnly("UNKNOWN");
        resume();
        source = RabbitSource.queue(queue).open();
    }

    @Test
    void a_stop_while_the_server_is_away_is_confirmed_at_once() {
        publish(0, 1);
        Taken taken = intake.await(1).get(0);
        kill9();
        taken.lane().awaitRevoked();
        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(source.stopReceiving().toCompletableFuture()).isDone());
        startAgain();
        assertThat(broker.consumers(queue)).isZero();
    }
}
