package io.lastcall.rabbit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.lastcall.ConsumerState;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Retry;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.RabbitBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Faults in stopping that users of other frameworks met, as scenarios with the whole engine on a real server. The numbers are those of the
 * list of acceptance faults; those in handing out again stand in {@link RedeliveryAcceptanceTest}.
 */
class AcceptanceTest {

    private final Scene scene = new Scene();
    private final RabbitBroker broker = scene.broker;

    @AfterEach
    void close() {
        scene.close();
    }

    /**
     * The list asks for 1,000 rounds, less than a second each, and for a pause of any length before the acknowledgement is buffered. A
     * machine that is busy with others may hold one round in a hundred up; to wait for a threshold would show in all of them.
     */
    @Test
    void t01_acknowledgements_below_any_threshold_are_answered_before_the_drain_returns() throws Exception {
        String queue = scene.classic();
        Random random = new Random(1);
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Connection connection = broker.connectionFactory().newConnection("t01");
                Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            AtomicReference<CountDownLatch> waitFor = new AtomicReference<>(new CountDownLatch(0));
            AtomicReference<Integer> hops = new AtomicReference<>(0);
            MessageConsumer consumer = MessageConsumer.from(new PausedSettles(
                            scene.source(queue, QueueType.CLASSIC), () -> handedOver(other, hops.get())))
                    .dropRejected()
                    .concurrency(3)
                    .handle((message, context) -> {
                        scene.handled.add(Scene.text(message));
                        waitFor.get().countDown();
                        return Outcome.accept();
                    });
            int slow = 0;
            for (int round = 0; round < 1_000; round++) {
                int count = 1 + random.nextInt(9);
                for (String body : Scene.bodies(0, count)) {
                    channel.basicPublish("", queue, new AMQP.BasicProperties(), body.getBytes(UTF_8));
                }
                channel.waitForConfirmsOrDie(Scene.PATIENCE.toMillis());
                scene.handled.clear();
                hops.set(random.nextInt(20));
                CountDownLatch some = new CountDownLatch(count - random.nextInt(2));
                waitFor.set(some);
                consumer.start();
                Scene.pass(some);

                DrainReport report = consumer.drain();

                String which = "round " + round + ": " + report.describe();
                assertThat(report.clean()).as(which).isTrue();
                assertThat(report.phases().total()).as(which).isLessThan(Duration.ofSeconds(5));
                slow += report.phases().total().compareTo(Duration.ofSeconds(1)) < 0 ? 0 : 1;
                assertThat(slow).as(which).isLessThanOrEqualTo(10);
                assertThat(report.counts().accepted()).as(which).isEqualTo(scene.handled.size());
                // Asked once, at once: an acknowledgement that were still on its way would be missing here.
                assertThat(channel.queuePurge(queue).getMessageCount())
                        .as(which)
                        .isEqualTo(count - scene.handled.size());
            }
        } finally {
            other.shutdown();
        }
        assertThat(broker.unacknowledged(queue)).isZero();
    }

    private static boolean handedOver(ExecutorService other, int times) {
        for (int i = 0; i < times; i++) {
            CompletableFuture.runAsync(() -> {}, other).join();
        }
        return true;
    }

    @Test
    void t02_what_the_broker_sends_while_the_stop_is_asked_for_is_handled_or_given_back() throws Exception {
        String queue = scene.classic();
        for (int round = 0; round < 20; round++) {
            scene.handled.clear();
            CountDownLatch begun = new CountDownLatch(1);
            MessageConsumer consumer = scene.consumer(scene.source(queue, QueueType.CLASSIC))
                    .concurrency(2)
                    .limit(50)
                    .handle((message, context) -> {
                        scene.handled.add(Scene.text(message));
                        begun.countDown();
                        return Outcome.accept();
                    })
                    .start();
            CompletableFuture<Void> published =
                    CompletableFuture.runAsync(() -> scene.publish(queue, 0, 40), task -> new Thread(task).start());
            Scene.pass(begun);
            DrainReport report = consumer.drain();
            published.join();

            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            assertThat(report.refusedOffers()).as("%s", report.describe()).isZero();
            List<GetResponse> left = broker.take(queue);
            List<String> all = new ArrayList<>(scene.handled);
            left.forEach(it -> all.add(Scene.text(it)));
            assertThat(all).containsExactlyInAnyOrderElementsOf(Scene.bodies(0, 40));
            assertThat(left.stream().filter(it -> it.getEnvelope().isRedeliver()))
                    .as("%s", report.describe())
                    .hasSize((int) report.counts().released());
        }
    }

    @Test
    void t03_all_that_was_prefetched_is_handled_and_acknowledged_once() throws Exception {
        String queue = scene.classic();
        scene.publish(queue, 0, 400);
        Semaphore permits = new Semaphore(0);
        MessageConsumer consumer = scene.consumer(scene.source(queue, QueueType.CLASSIC))
                .concurrency(10)
                .limit(250)
                .drain(DrainSettings.within(Duration.ofSeconds(20)).mode(DrainMode.FINISH_UNTIL_DEADLINE))
                .handle((message, context) -> {
                    permits.acquire();
                    scene.handled.add(Scene.text(message));
                    return Outcome.accept();
                })
                .start();
        await().atMost(Scene.PATIENCE).until(() -> broker.ready(queue) == 150);

        CompletionStage<DrainReport> drain = consumer.beginDrain(DrainRequest.because("the test"));
        scene.await(ConsumerState.FINISHING);
        // Acknowledgements reach the broker long after the cancel, and long before the close.
        permits.release(100);
        await().atMost(Scene.PATIENCE).until(() -> broker.unacknowledged(queue) == 150);
        permits.release(150);
        DrainReport report = Scene.report(drain);

        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(report.counts().received()).as("%s", report.describe()).isEqualTo(250);
        assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(250);
        assertThat(scene.handled).containsExactlyInAnyOrderElementsOf(Scene.bodies(0, 250));
        List<GetResponse> left = broker.take(queue);
        assertThat(left).extracting(Scene::text).containsExactlyElementsOf(Scene.bodies(250, 400));
        assertThat(left).noneMatch(it -> it.getEnvelope().isRedeliver());
    }

    /** The list asks for less than half a second, and for half a second after the handler. */
    @Test
    void t07_an_idle_consumer_drains_at_once_and_a_busy_one_when_its_handler_ends() throws Exception {
        String queue = scene.classic();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        MessageConsumer consumer = scene.consumer(scene.source(queue, QueueType.CLASSIC))
                .handle((message, context) -> {
                    begun.countDown();
                    Scene.pass(go);
                    return Outcome.accept();
                })
                .start();
        DrainReport idle = consumer.drain();
        assertThat(idle.clean()).as("%s", idle.describe()).isTrue();
        assertThat(idle.phases().total()).as("%s", idle.describe()).isLessThan(Duration.ofMillis(500));

        scene.publish(queue, 0, 1);
        consumer.start();
        Scene.pass(begun);
        CompletableFuture<Long> over = new CompletableFuture<>();
        CompletionStage<DrainReport> drain = Scene.drain(consumer);
        drain.whenComplete((report, error) -> over.complete(System.nanoTime()));
        scene.await(ConsumerState.FINISHING);
        assertThat(over).isNotDone();
        long ends = System.nanoTime();
        go.countDown();
        DrainReport busy = Scene.report(drain);
        assertThat(busy.clean()).as("%s", busy.describe()).isTrue();
        assertThat(Duration.ofNanos(over.join() - ends))
                .as("%s", busy.describe())
                .isLessThan(Duration.ofMillis(500));
        assertThat(broker.take(queue)).isEmpty();
    }

    @Test
    void t12_after_the_stop_nothing_newer_starts_and_nothing_is_left_unacknowledged() throws Exception {
        List<String> finished = t12(DrainMode.FINISH_UNTIL_DEADLINE);
        assertThat(finished).containsExactlyElementsOf(Scene.bodies(0, 5));
        List<String> started = t12(DrainMode.FINISH_STARTED);
        assertThat(started).containsExactly("m0");
    }

    private List<String> t12(DrainMode mode) throws Exception {
        try (Scene one = new Scene()) {
            String queue = one.classic();
            one.publish(queue, 0, 5);
            CountDownLatch go = new CountDownLatch(1);
            MessageConsumer consumer = one.consumer(one.source(queue, QueueType.CLASSIC))
                    .limit(5)
                    .concurrency(1)
                    .drain(DrainSettings.within(Duration.ofSeconds(20)).mode(mode))
                    .handle((message, context) -> {
                        one.handled.add(Scene.text(message));
                        Scene.pass(go);
                        return Outcome.accept();
                    })
                    .start();
            await().atMost(Scene.PATIENCE).until(() -> broker.ready(queue) == 0 && !one.handled.isEmpty());
            CompletionStage<DrainReport> drain = consumer.beginDrain(DrainRequest.because("the test"));
            one.await(ConsumerState.FINISHING);
            assertThat(broker.consumers(queue)).isZero();
            one.publish(queue, 5, 50);
            go.countDown();

            DrainReport report = Scene.report(drain);

            assertThat(broker.unacknowledged(queue)).isZero();
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            List<GetResponse> left = broker.take(queue);
            assertThat(left).extracting(Scene::text).containsExactlyElementsOf(Scene.bodies(one.handled.size(), 50));
            assertThat(left.stream().filter(it -> it.getEnvelope().isRedeliver()))
                    .as("%s", report.describe())
                    .hasSize((int) report.counts().released());
            return List.copyOf(one.handled);
        }
    }

    @Test
    void t13_a_message_in_a_long_back_off_is_given_back_at_once_and_a_quorum_queue_keeps_its_count() throws Exception {
        String queue = scene.quorum(Map.of());
        MessageConsumer consumer = scene.consumer(scene.source(queue, QueueType.QUORUM))
                .concurrency(1)
                .retry(Retry.fixed(Integer.MAX_VALUE, Duration.ofMinutes(10)))
                .handle((message, context) -> {
                    scene.signals.fire(Scene.text(message));
                    if (Scene.text(message).equals("m0")) {
                        throw new IllegalStateException("not now");
                    }
                    scene.await(ConsumerState.FINISHING);
                    return Outcome.accept();
                })
                .start();
        scene.publish(queue, 0, 1);
        scene.await("m0");
        // The one worker begins with this when the other is in its back-off.
        scene.publish(queue, 1, 2);
        scene.await("m1");

        DrainReport report = Scene.report(Scene.drain(consumer));

        assertThat(report.phases().total()).isLessThan(Duration.ofSeconds(1));
        assertThat(report.counts().released()).as("%s", report.describe()).isEqualTo(1);
        assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(1);
        await().atMost(Scene.PATIENCE).until(() -> broker.ready(queue) == 1);
        Map<String, Object> headers = broker.take(queue).get(0).getProps().getHeaders();
        Object count = headers == null ? null : headers.get("x-delivery-count");
        assertThat(count == null ? 0 : ((Number) count).intValue()).isEqualTo(scene.isReleaseFree() ? 0 : 1);
    }

    /** The list asks for an end by the deadline and a second. */
    @Test
    void t14_a_server_that_is_frozen_in_the_drain_does_not_hold_it_beyond_its_deadline() throws Exception {
        try (RabbitBroker mine = RabbitBroker.start()) {
            String queue = mine.classicQueue("frozen");
            mine.publish(queue, Scene.bodies(0, 3));
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            MessageConsumer consumer = scene.consumer(RabbitSource.queue(queue).connection(mine.connectionFactory()))
                    .handle((message, context) -> {
                        begun.countDown();
                        Scene.pass(go);
                        return Outcome.accept();
                    })
                    .start();
            Scene.pass(begun);
            CompletionStage<DrainReport> drain =
                    consumer.beginDrain(DrainRequest.because("the test").within(Duration.ofSeconds(3)));
            scene.await(ConsumerState.FINISHING);
            mine.suspend();
            go.countDown();

            DrainReport report = Scene.report(drain);

            assertThat(report.phases().total()).isLessThan(Duration.ofSeconds(4));
            assertThat(report.clean()).as("%s", report.describe()).isFalse();
            assertThat(report.counts().accepted()).isZero();
            mine.resume();
        }
    }
}
