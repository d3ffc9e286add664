package io.lastcall.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lastcall.DrainReport;
import io.lastcall.message.Outcome;
import io.lastcall.rabbit.HandIntake.Taken;
import io.lastcall.spi.Source;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a quorum queue counts as an attempt, by the version of the server that the tests run on. */
class CountingRulesTest {

    private final Scene scene = new Scene();
    private final String queue = scene.quorum(Map.of());
    private final boolean free = scene.isReleaseFree();
    private final Source<DeliveryTag> source =
            scene.source(queue, QueueType.QUORUM).open();
    private final HandIntake intake = new HandIntake(10, queue);
    private List<Taken> first = List.of();

    @BeforeEach
    void takeOne() throws Exception {
        source.start(intake);
        scene.publish(queue, 0, 1);
        first = intake.await(1);
        assertThat(attempt(first.get(0))).isEqualTo(1);
        assertThat(first.get(0).lane().rules.freeRelease()).isEqualTo(free);
    }

    @AfterEach
    void close() throws Exception {
        source.close(Scene.PATIENCE);
        intake.awaitNoThreads();
        scene.close();
    }

    private static int attempt(Taken taken) {
        return taken.delivery().message().attempt();
    }

    private int attemptNow() {
        return attempt(intake.await(2).get(1));
    }

    @Test
    void a_release_counts_before_4_3_only() {
        intake.settle(source, first, Outcome.release());
        assertThat(attemptNow()).isEqualTo(free ? 1 : 2);
    }

    @Test
    void a_retry_counts() {
        intake.settle(source, first, Outcome.retry());
        assertThat(attemptNow()).isEqualTo(2);
    }

    @Test
    void a_lost_connection_counts() {
        await().atMost(Scene.PATIENCE).until(() -> scene.broker.closeConnections(queue) == 1);
        assertThat(attemptNow()).isEqualTo(2);
    }

    @Test
    void the_end_of_the_channel_counts() throws Exception {
        source.close(Scene.PATIENCE);
        Source<DeliveryTag> next = scene.source(queue, QueueType.QUORUM).open();
        HandIntake other = new HandIntake(10);
        next.start(other);
        try {
            assertThat(attempt(other.await(1).get(0))).isEqualTo(2);
        } finally {
            next.close(Scene.PATIENCE);
        }
    }

    /** What has not started is given back where that is free, and handled where it is not. */
    @Test
    void a_drain_with_the_usual_settings_costs_nobody_an_attempt() throws Exception {
        intake.answers(intake.settle(source, first, Outcome.accept()));
        source.close(Scene.PATIENCE);
        scene.publish(queue, 1, 6);
        CountDownLatch go = new CountDownLatch(1);
        try (var consumer = scene.consumer(scene.source(queue, QueueType.QUORUM))
                .concurrency(1)
                .handle((message, context) -> {
                    scene.handled.add(Scene.text(message));
                    scene.signals.fire("begun");
                    Scene.pass(go);
                    return Outcome.accept();
                })
                .start()) {
            scene.await("begun");
            await().atMost(Scene.PATIENCE).until(() -> scene.broker.ready(queue) == 0);
            var drain = Scene.drain(consumer);
            scene.await("FINISHING");
            go.countDown();
            DrainReport report = Scene.report(drain);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
        }
        assertThat(scene.handled).hasSize(free ? 1 : 5);
        await().atMost(Scene.PATIENCE).until(() -> scene.broker.ready(queue) == 5 - scene.handled.size());
        var left = scene.broker.take(queue);
        assertThat(left)
                .extracting(Scene::text)
                .containsExactlyElementsOf(IntStream.range(2, 2 + left.size())
                        .mapToObj(i -> "m" + i)
                        .toList());
        assertThat(left)
                .noneMatch(it -> it.getProps().getHeaders() != null
                        && it.getProps().getHeaders().containsKey("x-delivery-count"));
    }
}
