package io.lastcall.rabbit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import io.lastcall.rabbit.HandIntake.Taken;
import io.lastcall.spi.Capability;
import io.lastcall.spi.Source;
import io.lastcall.testkit.broker.RabbitBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Queues that the source declares, on a real server. */
class RabbitQueueTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final RabbitBroker broker = RabbitBroker.shared();
    private final List<String> queues = new ArrayList<>();
    private Source<DeliveryTag> source = RabbitSource.queue("none").open();
    private final HandIntake intake = new HandIntake(10);

    @AfterEach
    void closeAndDelete() throws Exception {
        try {
            source.close(SOON);
            intake.awaitNoThreads();
        } finally {
            queues.forEach(broker::delete);
        }
    }

    private String named(String prefix) {
        String name = broker.newName(prefix);
        queues.add(name);
        return name;
    }

    private void start(RabbitQueue queue) throws Exception {
        source =
                RabbitSource.queue(queue).connection(broker.connectionFactory()).open();
        source.start(intake);
    }

    @Test
    void queue_dead_letters_exchange_and_binding_are_declared() throws Exception {
        String work = named("work");
        String dead = named("dead");
        String exchange = broker.newName("exchange");
        RabbitQueue queue = RabbitQueue.quorum(work)
                .deadLettersTo(dead)
                .deliveryLimit(5)
                .boundTo(exchange, BuiltinExchangeType.TOPIC, "orders.#")
                .boundTo("amq.direct", "work");
        assertThat(RabbitSource.queue(queue).capabilities()).contains(Capability.DEAD_LETTER, Capability.ATTEMPT_COUNT);
        start(queue);
        broker.publish(exchange, "orders.eu", new AMQP.BasicProperties(), "a".getBytes(UTF_8));
        broker.publish("amq.direct", "work", new AMQP.BasicProperties(), "b".getBytes(UTF_8));
        List<Taken> taken = intake.await(2);
        intake.answers(intake.settle(source, taken, Outcome.reject("bad")));
        await().atMost(SOON).until(() -> broker.ready(dead) == 2);
    }

    @Test
    void a_queue_that_was_declared_otherwise_fails_the_start_with_the_words_of_the_server() {
        String name = broker.classicQueue(named("classic"));
        assertThatThrownBy(() -> start(RabbitQueue.quorum(name)))
                .hasMessageContaining("406 PRECONDITION_FAILED")
                .hasMessageContaining("x-queue-type");
    }

    @Test
    void a_queue_that_is_deleted_is_declared_again() throws Exception {
        String name = named("again");
        start(RabbitQueue.classic(name));
        broker.publish(name, List.of("a"));
        intake.await(1);
        broker.delete(name);
        intake.awaitLane(2);
        await().atMost(SOON).until(() -> consumers(name) == 1);
        broker.publish(name, List.of("b"));
        assertThat(intake.await(2).get(1).body()).isEqualTo("b");
    }

    private int consumers(String name) {
        try {
            return broker.consumers(name);
        } catch (RuntimeException notYet) {
            return 0;
        }
    }

    @Test
    void a_message_that_comes_back_by_a_wait_queue_has_its_deaths_counted() throws Exception {
        String work = named("round");
        String wait = named("wait");
        broker.queue(
                wait,
                Map.of(
                        "x-queue-type",
                        "classic",
                        "x-message-ttl",
                        50,
                        "x-dead-letter-exchange",
                        "",
                        "x-dead-letter-routing-key",
                        work));
        start(RabbitQueue.classic(work)
                .argument("x-dead-letter-exchange", "")
                .argument("x-dead-letter-routing-key", wait));
        broker.publish(work, List.of("a"));
        List<Integer> attempts = new ArrayList<>();
        for (int round = 1; round <= 3; round++) {
            Taken taken = intake.await(round).get(round - 1);
            Message<byte[]> message = taken.delivery().message();
            attempts.add(message.attempt());
            intake.answers(intake.settle(source, List.of(taken), Outcome.reject("later")));
        }
        assertThat(attempts).containsExactly(1, 2, 3);
    }

    @Test
    void settings_out_of_range_are_refused_by_name_value_and_range() {
        RabbitQueue quorum = RabbitQueue.quorum("q");
        assertThatThrownBy(() -> RabbitQueue.classic(" ")).hasMessage("queue = \" \", must not be blank");
        assertThatThrownBy(() -> quorum.deliveryLimit(0)).hasMessage("deliveryLimit = 0, must be from 1 to 1000000");
        assertThatThrownBy(() -> RabbitQueue.classic("c").deliveryLimit(3))
                .hasMessage("deliveryLimit = 3 of c, only for a quorum queue");
        assertThatThrownBy(() -> quorum.argument("max-length", 3)).hasMessageContaining("must begin with x-");
        assertThatThrownBy(() -> quorum.argument("x-queue-type", "stream")).hasMessageContaining("x-queue-type");
        assertThatThrownBy(() -> RabbitSource.queue("q").addresses("amqp://user:hidden@rabbit:5672"))
                .hasMessageContaining("addresses")
                .hasMessageNotContaining("hidden");
        assertThatThrownBy(() -> RabbitSource.queue("q").addresses(""))
                .hasMessage("addresses = \"\", must not be blank");
    }

    @Test
    void one_of_several_addresses_is_enough() throws Exception {
        String name = named("addresses");
        broker.classicQueue(name);
        var factory = broker.connectionFactory();
        int port = factory.getPort();
        factory.setPort(1);
        source = RabbitSource.queue(name)
                .connection(factory)
                .addresses("127.0.0.1:1,127.0.0.1:" + port)
                .consumerPriority(5)
                .open();
        source.start(intake);
        assertThat(broker.consumers(name)).isEqualTo(1);
    }
}
