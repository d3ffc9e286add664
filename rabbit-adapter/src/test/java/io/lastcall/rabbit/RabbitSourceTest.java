package io.lastcall.rabbit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import io.lastcall.rabbit.HandIntake.Taken;
import io.lastcall.rabbit.HandIntake.Told;
import io.lastcall.spi.Capability;
import io.lastcall.spi.Source;
import io.lastcall.testkit.broker.BrokerProcess;
import io.lastcall.testkit.broker.RabbitBroker;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The source alone, on a real server that stays up. */
class RabbitSourceTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final RabbitBroker broker = RabbitBroker.shared();
    private final Set<String> queues = new HashSet<>();
    private String queue = "";
    private Source<DeliveryTag> source = RabbitSource.queue("none").open();
    private HandIntake intake = new HandIntake(1);

    @BeforeEach
    void declare() {
        queue = declared(broker.classicQueue(broker.newName("source")));
    }

    @AfterEach
    void closeAndDelete() throws Exception {
        try {
            source.close(SOON);
            intake.awaitNoThreads();
        } finally {
            queues.forEach(broker::delete);
        }
    }

    private String declared(String name) {
        queues.add(name);
        return name;
    }

    private void start(RabbitSource factory, int limit) throws Exception {
        source = factory.connection(broker.connectionFactory()).open();
        intake = new HandIntake(limit);
        source.start(intake);
    }

    private void start(int limit) throws Exception {
        start(RabbitSource.queue(queue).queueType(QueueType.CLASSIC), limit);
    }

    private void publish(int count) {
        broker.publish(queue, IntStream.range(0, count).mapToObj(i -> "m" + i).toList());
    }

    private void awaitCounts(int ready, int unacknowledged) {
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(broker.ready(queue)).as("ready").isEqualTo(ready);
            assertThat(broker.unacknowledged(queue)).as("unacknowledged").isEqualTo(unacknowledged);
        });
    }

    private boolean stopConfirmed() {
        return source.stopReceiving().toCompletableFuture().isDone();
    }

    private void stop() throws Exception {
        source.stopReceiving().toCompletableFuture().get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    // ---- receiving ----

    @Test
    void deliveries_come_in_order_with_all_that_the_broker_tells() throws Exception {
        start(10);
        Instant noon = Instant.parse("2026-11-24T12:00:00Z");
        broker.publish(
                "",
                queue,
                new AMQP.BasicProperties.Builder()
                        .messageId("id-1")
                        .timestamp(Date.from(noon))
                        .build(),
                "one".getBytes(UTF_8));
        publish(2);

        List<Taken> taken = intake.await(3);

        assertThat(taken).extracting(Taken::body).containsExactly("one", "m0", "m1");
        Message<byte[]> first = taken.get(0).delivery().message();
        assertThat(first.id()).isEqualTo("id-1");
        assertThat(first.timestamp()).isEqualTo(noon);
        assertThat(first.attempt()).isEqualTo(1);
        assertThat(first.key()).isNull();
        assertThat(first.origin()).hasToString("rabbitmq:" + queue + "@1");
        assertThat(first.headers().text("message-id")).hasValue("id-1");
        Message<byte[]> second = taken.get(1).delivery().message();
        assertThat(second.id())
                .isNotEmpty()
                .isNotEqualTo(taken.get(2).delivery().message().id());
        assertThat(second.timestamp()).isEqualTo(Instant.EPOCH);
        assertThat(taken.get(0).lane().id).hasToString(queue + "#1");
        assertThat(taken.get(0).lane().rules.freeRelease()).isTrue();
    }

    @Test
    void the_routing_key_is_the_key_unless_it_is_the_queue_name() throws Exception {
        start(10);
        broker.bind(queue, "amq.topic", "orders.#");
        broker.publish("amq.topic", "orders.eu", new AMQP.BasicProperties(), "a".getBytes(UTF_8));
        byte[] key = intake.await(1).get(0).delivery().message().key();
        assertThat(key).isEqualTo("orders.eu".getBytes(UTF_8));
    }

    @Test
    void the_limit_is_the_prefetch() throws Exception {
        publish(10);
        start(3);
        List<Taken> held = intake.await(3);
        awaitCounts(7, 3);
        assertThat(intake.taken()).isEqualTo(3);
        intake.settle(source, held.subList(0, 2), Outcome.accept());
        intake.await(5);
        awaitCounts(5, 3);
    }

    @Test
    void another_limit_is_another_prefetch() throws Exception {
        publish(10);
        start(2);
        List<Taken> held = intake.await(2);
        intake.limit(6);
        // What the first subscription brought counts for that one: two more come than are wanted, and wait.
        awaitCounts(2, 8);
        assertThat(intake.await(6)).hasSize(6);
        assertThat(broker.consumers(queue)).isEqualTo(1);
        intake.settle(source, held, Outcome.accept());
        assertThat(intake.await(8))
                .extracting(Taken::body)
                .containsExactly("m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7");
    }

    @Test
    void a_smaller_limit_is_a_smaller_prefetch() throws Exception {
        start(20);
        publish(1);
        List<Taken> first = intake.await(1);
        intake.limit(2);
        // The owner takes one after the other: answered, the new subscription stands, and only that.
        assertThat(intake.answers(intake.settle(source, first, Outcome.accept())))
                .containsExactly("SETTLED");
        publish(5);
        List<Taken> held = intake.await(3).subList(1, 3);
        awaitCounts(3, 2);
        assertThat(broker.consumers(queue)).isEqualTo(1);
        intake.settle(source, held, Outcome.accept());
        intake.await(5);
    }

    @Test
    void a_pause_keeps_the_place_and_what_comes_waits_up_to_the_prefetch() throws Exception {
        start(4);
        intake.pause();
        publish(6);
        awaitCounts(2, 4);
        assertThat(broker.consumers(queue)).isEqualTo(1);
        assertThat(intake.taken()).isZero();
        intake.resume();
        assertThat(intake.await(4)).extracting(Taken::body).containsExactly("m0", "m1", "m2", "m3");
        assertThat(broker.consumers(queue)).isEqualTo(1);
    }

    @Test
    void a_stop_in_a_pause_offers_what_the_broker_has_sent() throws Exception {
        start(4);
        intake.pause();
        publish(3);
        awaitCounts(0, 3);
        stop();
        List<Taken> taken = intake.await(3);
        intake.answers(intake.settle(source, taken, Outcome.release()));
        awaitCounts(3, 0);
    }

    @Test
    void a_full_account_is_no_pause() throws Exception {
        start(2);
        publish(5);
        List<Taken> held = intake.await(2);
        awaitCounts(3, 2);
        assertThat(broker.consumers(queue)).isEqualTo(1);
        intake.settle(source, held, Outcome.accept());
        intake.await(4);
    }

    // ---- settling ----

    @Test
    void accepted_is_gone_and_answered_while_the_channel_is_open() throws Exception {
        start(100);
        publish(100);
        List<Taken> taken = intake.await(100);
        List<Told> odd = intake.settle(
                source,
                IntStream.range(0, 50).mapToObj(i -> taken.get(2 * i + 1)).toList(),
                Outcome.accept());
        assertThat(intake.answers(odd)).containsOnly("SETTLED");
        awaitCounts(0, 50);
        List<Told> even = intake.settle(
                source, IntStream.range(0, 50).mapToObj(i -> taken.get(2 * i)).toList(), Outcome.accept());
        assertThat(intake.answers(even)).containsOnly("SETTLED");
        awaitCounts(0, 0);
    }

    @Test
    void released_and_retried_come_again() throws Exception {
        start(10);
        publish(2);
        List<Taken> taken = intake.await(2);
        List<Told> released = intake.settle(source, taken.subList(0, 1), Outcome.release());
        List<Told> retried = intake.settle(source, taken.subList(1, 2), Outcome.retry());
        assertThat(intake.answers(released)).containsExactly("SETTLED");
        assertThat(intake.answers(retried)).containsExactly("SETTLED");
        List<Taken> again = intake.await(4).subList(2, 4);
        assertThat(again).extracting(Taken::body).containsExactlyInAnyOrder("m0", "m1");
        assertThat(again).allMatch(it -> it.delivery().message().attempt() == 1);
    }

    @Test
    void rejected_goes_to_the_dead_letters_of_the_broker() throws Exception {
        String dead = declared(broker.newName("dead"));
        queue = declared(broker.deadLetteringQueue(broker.newName("work"), dead));
        RabbitSource factory = RabbitSource.queue(queue).deadLettering();
        assertThat(factory.capabilities()).contains(Capability.DEAD_LETTER);
        start(factory, 10);
        publish(1);
        List<Told> told = intake.settle(source, intake.await(1), Outcome.reject("bad"));
        assertThat(intake.answers(told)).containsExactly("SETTLED");
        await().atMost(SOON).until(() -> broker.ready(dead) == 1);
        assertThat(broker.take(dead)).extracting(GetResponse::getBody).containsExactly("m0".getBytes(UTF_8));
    }

    @Test
    void attempts_are_counted_where_it_is_said_to_be_a_quorum_queue() {
        RabbitSource factory = RabbitSource.queue(queue);
        assertThat(factory.queueType(QueueType.QUORUM).capabilities()).contains(Capability.ATTEMPT_COUNT);
        assertThat(factory.queueType(QueueType.CLASSIC).capabilities()).doesNotContain(Capability.ATTEMPT_COUNT);
        assertThat(factory.capabilities()).doesNotContain(Capability.ATTEMPT_COUNT);
    }

    // ---- stopping ----

    @Test
    void a_confirmed_stop_leaves_no_consumer_and_brings_nothing_more() throws Exception {
        start(10);
        publish(3);
        List<Taken> taken = intake.await(3);
        stop();
        assertThat(broker.consumers(queue)).isZero();
        publish(2);
        assertThat(broker.ready(queue)).isEqualTo(2);
        List<Told> told = intake.settle(source, taken, Outcome.accept());
        assertThat(intake.answers(told)).containsOnly("SETTLED");
        awaitCounts(2, 0);
        assertThat(intake.taken()).isEqualTo(3);
        assertThat(stopConfirmed()).isTrue();
    }

    @Test
    void what_the_core_refuses_is_given_back() throws Exception {
        start(10);
        publish(1);
        intake.await(1);
        intake.refuseOffers();
        publish(4);
        intake.awaitRefused(1);
        stop();
        awaitCounts(4, 1);
    }

    @Test
    void close_gives_back_what_was_not_settled_and_answers_what_was() throws Exception {
        start(10);
        publish(5);
        List<Taken> taken = intake.await(5);
        List<Told> told = intake.settle(source, taken.subList(1, 4), Outcome.accept());
        source.close(SOON);
        assertThat(intake.answered()).isEqualTo(3);
        assertThat(intake.answers(told)).containsOnly("SETTLED");
        awaitCounts(2, 0);
        assertThat(stopConfirmed()).isTrue();
    }

    @Test
    void what_is_settled_after_the_close_is_refused() throws Exception {
        start(10);
        publish(1);
        List<Taken> taken = intake.await(1);
        source.close(SOON);
        assertThat(intake.answers(intake.settle(source, taken, Outcome.accept())))
                .containsExactly("REFUSED");
        awaitCounts(1, 0);
    }

    @Test
    void an_idle_close_takes_no_time() throws Exception {
        start(10);
        long begin = System.nanoTime();
        stop();
        source.close(SOON);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void a_source_that_was_never_started_stops_and_closes() throws Exception {
        source = RabbitSource.queue(queue).open();
        assertThat(stopConfirmed()).isTrue();
        source.close(SOON);
        source.start(intake);
        assertThat(broker.consumers(queue)).isZero();
    }

    // ---- not starting ----

    @Test
    void a_missing_queue_fails_the_start_with_the_words_of_the_server() {
        assertThatThrownBy(() -> start(RabbitSource.queue("missing-queue"), 10))
                .hasMessageContaining("rabbitmq:missing-queue")
                .hasMessageContaining("404 NOT_FOUND");
        assertThat(stopConfirmed()).isTrue();
    }

    @Test
    void a_wrong_password_fails_the_start() {
        ConnectionFactory wrong = broker.connectionFactory();
        wrong.setPassword("wrong");
        source = RabbitSource.queue(queue).connection(wrong).open();
        assertThatThrownBy(() -> source.start(intake))
                .hasMessageContaining("ACCESS_REFUSED")
                .message()
                .doesNotContain("password=", wrong.getPassword() + "@");
    }

    @Test
    void an_address_where_nobody_listens_fails_the_start() {
        ConnectionFactory nobody = new ConnectionFactory();
        nobody.setHost("127.0.0.1");
        nobody.setPort(BrokerProcess.freePort());
        source = RabbitSource.queue(queue).connection(nobody).open();
        assertThatThrownBy(() -> source.start(intake))
                .hasMessageContaining("127.0.0.1:" + nobody.getPort())
                .hasMessageContaining("refused");
    }

    @Test
    void close_ends_a_start_that_hangs() throws Exception {
        try (ServerSocket silent = new ServerSocket(0)) {
            ConnectionFactory hanging = new ConnectionFactory();
            hanging.setHost("127.0.0.1");
            hanging.setPort(silent.getLocalPort());
            source = RabbitSource.queue(queue).connection(hanging).open();
            CompletableFuture<Void> start = CompletableFuture.runAsync(
                    () -> {
                        try {
                            source.start(intake);
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    task -> new Thread(task).start());
            try (Socket accepted = silent.accept()) {
                assertThat(accepted.getInputStream().read()).isEqualTo('A');
                assertThat(start).isNotDone();
                assertThat(stopConfirmed()).isTrue();
                long begin = System.nanoTime();
                source.close(Duration.ofSeconds(1));
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(1_250));
                try {
                    start.get(SOON.toSeconds(), TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    assertThat(e).hasStackTraceContaining("127.0.0.1");
                }
            }
        }
    }
}
