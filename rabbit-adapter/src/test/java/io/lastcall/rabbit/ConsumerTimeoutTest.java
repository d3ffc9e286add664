package io.lastcall.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lastcall.message.Outcome;
import io.lastcall.rabbit.HandIntake.Taken;
import io.lastcall.spi.Source;
import io.lastcall.testkit.broker.RabbitBroker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A server that takes back what is held for long: before 4.3 it closes the channel (406), from 4.3 on it cancels the subscription, for
 * quorum queues only.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConsumerTimeoutTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final RabbitBroker broker =
            RabbitBroker.start(Map.of("consumer_timeout", 1_000, "channel_tick_interval", 500));
    private String queue = "";
    private Source<DeliveryTag> source = RabbitSource.queue("none").open();
    private HandIntake intake = new HandIntake(1);

    @AfterAll
    void closeBroker() {
        broker.close();
    }

    @BeforeEach
    void connect() throws Exception {
        queue = broker.quorumQueue(broker.newName("timeout"));
        source = RabbitSource.queue(queue)
                .queueType(QueueType.QUORUM)
                .connection(broker.connectionFactory())
                .open();
        intake = new HandIntake(10);
        source.start(intake);
    }

    @AfterEach
    void close() throws Exception {
        source.close(SOON);
        intake.awaitNoThreads();
    }

    @Test
    void what_was_taken_back_is_revoked_and_comes_again_and_its_late_acknowledgement_touches_nothing() {
        broker.publish(queue, List.of("a", "b"));
        List<Taken> held = intake.await(2);
        held.get(0).lane().awaitRevoked();
        List<Taken> again = intake.await(4).subList(2, 4);
        assertThat(again).extracting(Taken::body).containsExactlyInAnyOrder("a", "b");
        // The end of a channel is counted, a cancelled subscription is not.
        boolean free = ServerRules.of(Map.of("version", broker.version())).freeRelease(QueueType.QUORUM);
        assertThat(again).extracting(it -> it.delivery().message().attempt()).containsOnly(free ? 1 : 2);
        assertThat(intake.answers(intake.settle(source, held, Outcome.accept())))
                .containsOnly("REFUSED");
        assertThat(intake.answers(intake.settle(source, again, Outcome.accept())))
                .containsOnly("SETTLED");
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(broker.ready(queue)).isZero();
            assertThat(broker.unacknowledged(queue)).isZero();
        });
    }

    @Test
    void what_is_taken_back_in_a_drain_is_not_connected_for_again() throws Exception {
        broker.publish(queue, List.of("a"));
        List<Taken> held = intake.await(1);
        source.stopReceiving().toCompletableFuture().get(SOON.toSeconds(), TimeUnit.SECONDS);
        held.get(0).lane().awaitRevoked();
        assertThat(intake.answers(intake.settle(source, held, Outcome.accept())))
                .containsExactly("REFUSED");
        source.close(SOON);
        await().atMost(SOON).untilAsserted(() -> assertThat(broker.ready(queue)).isEqualTo(1));
        assertThat(intake.taken()).isEqualTo(1);
    }
}
