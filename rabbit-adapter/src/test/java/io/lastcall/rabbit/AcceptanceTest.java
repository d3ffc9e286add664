package io.lastcall.rabbit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.GetResponse;
import io.lastcall.ConsumerState;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.Retry;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.RabbitBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Faults that users of other frameworks met, as scenarios with the whole engine on a real server. The numbers are those of the list of
 * acceptance faults.
 */
class AcceptanceTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final RabbitBroker broker = RabbitBroker.shared();
    private final Set<String> queues = new HashSet<>();
    private final List<String> handled = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void delete() {
        queues.forEach(broker::delete);
    }

    private String queue() {
        String name = broker.classicQueue(broker.newName("acceptance"));
        queues.add(name);
        return name;
    }

    private String quorumQueue(Map<String, Object> more) {
        Map<String, Object> arguments = new java.util.HashMap<>(more);
        arguments.put("x-queue-type", "quorum");
        String name = broker.queue(broker.newName("acceptance"), arguments);
        queues.add(name);
        return name;
    }

    private RabbitSource source(String queue) {
        return RabbitSource.queue(queue).queueType(QueueType.CLASSIC).connection(broker.connectionFactory());
    }

    private void publish(String queue, int from, int to) {
        broker.publish(queue, bodies(from, to));
    }

    private static List<String> bodies(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "m" + i).toList();
    }

    private static String text(Message<byte[]> message) {
        byte @Nullable [] body = message.body();
        return body == null ? "" : new String(body, UTF_8);
    }

    private static void pass(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(SOON.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("nobody opened the latch");
        }
    }

    private static DrainReport report(CompletionStage<DrainReport> drain) throws Exception {
        return drain.toCompletableFuture().get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    /** What is left, with whether it was delivered before. */
    private List<GetResponse> left(String queue) {
        return broker.take(queue);
    }

    @Test
    void t01_acknowledgements_below_any_threshold_are_answered_before_the_drain_returns() {
        String queue = queue();
        Random random = new Random(1);
        for (int round = 0; round < 60; round++) {
            int count = 1 + random.nextInt(9);
            publish(queue, 0, count);
            CountDownLatch last = new CountDownLatch(count);
            MessageConsumer consumer = MessageConsumer.from(source(queue))
                    .dropRejected()
                    .concurrency(1 + random.nextInt(3))
                    .handle((message, context) -> {
                        last.countDown();
                        return Outcome.accept();
                    })
                    .start();
            await().atMost(SOON).until(() -> last.getCount() <= random.nextInt(2));

            DrainReport report = consumer.drain();

            assertThat(report.clean())
                    .as("round %s: %s", round, report.describe())
                    .isTrue();
            assertThat(report.phases().total()).isLessThan(Duration.ofSeconds(1));
            assertThat(broker.unacknowledged(queue)).isZero();
            assertThat(left(queue)).as("round %s: %s", round, report.describe()).hasSize((int)
                    (count - report.counts().accepted()));
        }
    }

    @Test
    void t02_what_the_broker_sends_while_the_stop_is_asked_for_is_handled_or_given_back() throws Exception {
        String queue = queue();
        for (int round = 0; round < 20; round++) {
            handled.clear();
            MessageConsumer consumer = MessageConsumer.from(source(queue))
                    .dropRejected()
                    .concurrency(2)
                    .limit(50)
                    .handle((message, context) -> {
                        handled.add(text(message));
                        return Outcome.accept();
                    })
                    .start();
            Thread publisher = new Thread(() -> publish(queue, 0, 40));
            publisher.start();
            await().atMost(SOON).until(() -> !handled.isEmpty());
            DrainReport report = consumer.drain();
            publisher.join();

            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            List<GetResponse> left = left(queue);
            List<String> all = new ArrayList<>(handled);
            left.forEach(it -> all.add(new String(it.getBody(), UTF_8)));
            assertThat(all).containsExactlyInAnyOrderElementsOf(bodies(0, 40));
            assertThat(left.stream().filter(it -> it.getEnvelope().isRedeliver()))
                    .as("%s", report.describe())
                    .hasSize((int) report.counts().released());
        }
    }

    @Test
    void t03_all_that_was_prefetched_is_handled_and_acknowledged_once() throws Exception {
        String queue = queue();
        publish(queue, 0, 400);
        CountDownLatch begun = new CountDownLatch(10);
        MessageConsumer consumer = MessageConsumer.from(source(queue))
                .dropRejected()
                .concurrency(10)
                .limit(250)
                .drain(DrainSettings.within(Duration.ofSeconds(20)).mode(DrainMode.FINISH_UNTIL_DEADLINE))
                .handle((message, context) -> {
                    handled.add(text(message));
                    begun.countDown();
                    // Slow, and ended by nobody.
                    new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS);
                    return Outcome.accept();
                })
                .start();
        pass(begun);
        await().atMost(SOON).until(() -> broker.ready(queue) <= 150);

        DrainReport report = consumer.drain();

        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(report.counts().received()).as("%s", report.describe()).isGreaterThanOrEqualTo(250);
        assertThat(report.counts().accepted()).isEqualTo(report.counts().received());
        assertThat(handled).doesNotHaveDuplicates();
        List<GetResponse> left = left(queue);
        assertThat(left).noneMatch(it -> it.getEnvelope().isRedeliver());
        assertThat(left).hasSize((int) (400 - report.counts().accepted()));
    }

    @Test
    void t07_an_idle_consumer_drains_at_once_and_a_busy_one_in_the_time_of_its_handler() throws Exception {
        String queue = queue();
        CountDownLatch begun = new CountDownLatch(1);
        MessageConsumer consumer = MessageConsumer.from(source(queue))
                .dropRejected()
                .handle((message, context) -> {
                    begun.countDown();
                    new CountDownLatch(1).await(300, TimeUnit.MILLISECONDS);
                    return Outcome.accept();
                })
                .start();
        DrainReport idle = consumer.drain();
        assertThat(idle.clean()).as("%s", idle.describe()).isTrue();
        assertThat(idle.phases().total()).isLessThan(Duration.ofMillis(500));

        publish(queue, 0, 1);
        consumer.start();
        pass(begun);
        DrainReport busy = consumer.drain();
        assertThat(busy.clean()).as("%s", busy.describe()).isTrue();
        assertThat(busy.phases().total()).isLessThan(Duration.ofMillis(800));
        assertThat(left(queue)).isEmpty();
    }

    @Test
    void t12_after_the_stop_nothing_newer_starts_and_nothing_is_left_unacknowledged() throws Exception {
        String queue = queue();
        publish(queue, 0, 5);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        MessageConsumer consumer = MessageConsumer.from(source(queue))
                .dropRejected()
                .limit(5)
                .handle((message, context) -> {
                    handled.add(text(message));
                    begun.countDown();
                    pass(go);
                    return Outcome.accept();
                })
                .start();
        pass(begun);
        CompletionStage<DrainReport> drain =
                consumer.beginDrain(DrainRequest.because("test").within(Duration.ofSeconds(20)));
        await().atMost(SOON).until(() -> broker.consumers(queue) == 0);
        publish(queue, 5, 50);
        go.countDown();

        DrainReport report = report(drain);

        assertThat(broker.unacknowledged(queue)).isZero();
        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(handled).containsExactly("m0");
        List<GetResponse> left = left(queue);
        assertThat(left).extracting(it -> new String(it.getBody(), UTF_8)).containsExactlyElementsOf(bodies(1, 50));
        assertThat(left.stream().filter(it -> it.getEnvelope().isRedeliver()))
                .hasSize((int) report.counts().released());
    }

    @Test
    void t13_a_message_in_a_long_back_off_is_given_back_at_once_and_a_quorum_queue_keeps_its_count() throws Exception {
        String queue = quorumQueue(Map.of());
        publish(queue, 0, 1);
        CountDownLatch failed = new CountDownLatch(1);
        MessageConsumer consumer = MessageConsumer.from(source(queue).queueType(QueueType.QUORUM))
                .dropRejected()
                .retry(Retry.fixed(Integer.MAX_VALUE, Duration.ofMinutes(10)))
                .handle((message, context) -> {
                    failed.countDown();
                    throw new IllegalStateException("not now");
                })
                .start();
        pass(failed);
        await().atMost(SOON).until(() -> consumer.snapshot().waiting() == 1);

        DrainReport report = consumer.drain();

        assertThat(report.phases().total()).isLessThan(Duration.ofSeconds(1));
        assertThat(report.counts().released()).as("%s", report.describe()).isEqualTo(1);
        await().atMost(SOON).until(() -> broker.ready(queue) == 1);
        boolean free = ServerRules.of(Map.of("version", broker.version())).freeRelease(QueueType.QUORUM);
        Map<String, Object> headers = left(queue).get(0).getProps().getHeaders();
        Object count = headers == null ? null : headers.get("x-delivery-count");
        assertThat(count == null ? 0 : ((Number) count).intValue()).isEqualTo(free ? 0 : 1);
    }

    @Test
    void t14_a_server_that_is_frozen_in_the_drain_does_not_hold_it_beyond_its_deadline() throws Exception {
        try (RabbitBroker mine = RabbitBroker.start()) {
            String queue = mine.classicQueue("frozen");
            mine.publish(queue, bodies(0, 3));
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            MessageConsumer consumer = MessageConsumer.from(
                            RabbitSource.queue(queue).connection(mine.connectionFactory()))
                    .dropRejected()
                    .handle((message, context) -> {
                        begun.countDown();
                        pass(go);
                        return Outcome.accept();
                    })
                    .start();
            pass(begun);
            CompletionStage<DrainReport> drain =
                    consumer.beginDrain(DrainRequest.because("test").within(Duration.ofSeconds(3)));
            await().atMost(SOON).until(() -> mine.consumers(queue) == 0);
            mine.suspend();
            go.countDown();

            DrainReport report = report(drain);

            assertThat(report.phases().total()).isLessThan(Duration.ofSeconds(4));
            assertThat(report.clean()).as("%s", report.describe()).isFalse();
            assertThat(report.counts().accepted()).isZero();
            mine.resume();
        }
    }

    @Test
    void t24_a_poison_message_reaches_the_delivery_limit_and_releases_do_not_bring_it_there() throws Exception {
        String dead = queue();
        String queue = quorumQueue(
                Map.of("x-delivery-limit", 3, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead));
        boolean free = ServerRules.of(Map.of("version", broker.version())).freeRelease(QueueType.QUORUM);
        RabbitSource source = source(queue).queueType(QueueType.QUORUM).deadLettering();
        publish(queue, 0, 1);
        if (free) {
            // Drains that give it back, more than the limit allows returns.
            for (int drains = 0; drains < 6; drains++) {
                CountDownLatch begun = new CountDownLatch(1);
                CountDownLatch go = new CountDownLatch(1);
                MessageConsumer consumer = MessageConsumer.from(source)
                        .handle((message, context) -> {
                            assertThat(message.attempt()).isEqualTo(1);
                            begun.countDown();
                            pass(go);
                            return Outcome.release();
                        })
                        .start();
                pass(begun);
                CompletionStage<DrainReport> drain =
                        consumer.beginDrain(DrainRequest.because("test").within(Duration.ofSeconds(10)));
                await().atMost(SOON).until(() -> consumer.state() == ConsumerState.FINISHING);
                go.countDown();
                assertThat(report(drain).counts().released()).isEqualTo(1);
            }
        }
        // Failures whose retry goes through the broker, as those of a drain do.
        AtomicInteger tries = new AtomicInteger();
        List<Integer> attempts = Collections.synchronizedList(new ArrayList<>());
        while (broker.ready(dead) == 0 && tries.get() < 10) {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            MessageConsumer consumer = MessageConsumer.from(source)
                    .retry(Retry.fixed(100, Duration.ZERO))
                    .handle((message, context) -> {
                        attempts.add(message.attempt());
                        tries.incrementAndGet();
                        begun.countDown();
                        pass(go);
                        throw new IllegalStateException("poison");
                    })
                    .start();
            pass(begun);
            CompletionStage<DrainReport> drain =
                    consumer.beginDrain(DrainRequest.because("test").within(Duration.ofSeconds(10)));
            await().atMost(SOON).until(() -> consumer.state() == ConsumerState.FINISHING);
            go.countDown();
            DrainReport report = report(drain);
            assertThat(report.counts().retried()).as("%s", report.describe()).isEqualTo(1);
            await().atMost(SOON).until(() -> broker.ready(dead) + broker.ready(queue) == 1);
        }
        assertThat(attempts).containsExactly(1, 2, 3, 4);
        assertThat(left(dead)).hasSize(1);
    }

    @Test
    void t25a_a_connection_killed_between_delivery_and_acknowledgement_acknowledges_nothing_unhandled()
            throws Exception {
        String queue = queue();
        publish(queue, 0, 100);
        CountDownLatch begun = new CountDownLatch(8);
        CountDownLatch go = new CountDownLatch(1);
        Set<String> done = Collections.synchronizedSet(new HashSet<>());
        MessageConsumer consumer = MessageConsumer.from(source(queue))
                .name(queue)
                .dropRejected()
                .concurrency(8)
                .limit(40)
                .handle((message, context) -> {
                    begun.countDown();
                    pass(go);
                    done.add(text(message));
                    return Outcome.accept();
                })
                .start();
        pass(begun);
        await().atMost(SOON).until(() -> broker.closeConnections(queue) == 1);
        await().atMost(SOON).until(() -> consumer.snapshot().counts().revoked() > 0);
        // Their outcomes carry tags of a channel that is gone, and the new one has the same numbers.
        go.countDown();
        await().atMost(SOON).until(() -> done.size() == 100);
        await().atMost(SOON).until(() -> broker.ready(queue) == 0 && broker.unacknowledged(queue) == 0);

        DrainReport report = consumer.drain();

        assertThat(done).containsExactlyInAnyOrderElementsOf(bodies(0, 100));
        assertThat(report.lateOutcomes()).as("%s", report.describe()).isEqualTo(8);
        assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(100);
    }

    @Test
    void t25b_a_single_active_consumer_that_drains_keeps_the_order_over_the_next() throws Exception {
        for (String type : List.of("classic", "quorum")) {
            handled.clear();
            String queue = broker.queue(
                    broker.newName("single"), Map.of("x-queue-type", type, "x-single-active-consumer", true));
            queues.add(queue);
            RabbitSource source = source(queue)
                    .queueType(type.equals("quorum") ? QueueType.QUORUM : QueueType.CLASSIC)
                    .singleActiveConsumer();
            CountDownLatch some = new CountDownLatch(30);
            MessageConsumer first = single(source, some);
            MessageConsumer second = single(source, new CountDownLatch(0));
            publish(queue, 0, 200);
            pass(some);

            DrainReport report = first.drain();

            assertThat(report.clean()).as("%s: %s", type, report.describe()).isTrue();
            assertThat(report.counts().accepted()).isEqualTo(report.counts().received());
            await().atMost(SOON).until(() -> handled.size() >= 200);
            assertThat(handled).as(type).containsExactlyElementsOf(bodies(0, 200));
            assertThat(second.drain().clean()).isTrue();
            await().atMost(SOON).until(() -> broker.ready(queue) == 0);
        }
    }

    private MessageConsumer single(RabbitSource source, CountDownLatch count) {
        return MessageConsumer.from(source)
                .dropRejected()
                .limit(10)
                .ordering(Ordering.byLane())
                .handle((message, context) -> {
                    handled.add(text(message));
                    count.countDown();
                    return Outcome.accept();
                })
                .start();
    }
}
