package io.lastcall.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lastcall.ConsumerState;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.Retry;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.RabbitBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The acceptance faults in what comes again, and in what is settled by mistake; see {@link AcceptanceTest}. */
class RedeliveryAcceptanceTest {

    private final Scene scene = new Scene();
    private final RabbitBroker broker = scene.broker;

    @AfterEach
    void close() {
        scene.close();
    }

    /** The list asks for 10,000 with failures at every step, and one handler that goes on for all that time. */
    @Test
    void t23_over_ten_thousand_failures_no_place_is_lost_while_one_handler_never_ends() throws Exception {
        String queue = scene.classic();
        Random random = new Random(23);
        Set<String> over = ConcurrentHashMap.newKeySet();
        CountDownLatch all = new CountDownLatch(9_999);
        CountDownLatch go = new CountDownLatch(1);
        MessageConsumer consumer = scene.consumer(scene.source(queue, QueueType.CLASSIC))
                .name(queue)
                .concurrency(4)
                .limit(20)
                .retry(Retry.fixed(1_000, Duration.ZERO))
                .decode(message -> {
                    String body = Scene.text(message);
                    if (!isKept(body) && dice(random, 10) == 0) {
                        end(body, over, all);
                        throw new IllegalArgumentException("cannot be read");
                    }
                    return body;
                })
                .handle((message, context) -> {
                    String body = String.valueOf(message.body());
                    if (isKept(body)) {
                        scene.signals.fire(body);
                        Scene.pass(go);
                        return Outcome.accept();
                    }
                    return switch (dice(random, 8)) {
                        case 0 -> Outcome.release();
                        case 1 -> Outcome.retry();
                        case 2 -> throw new IllegalStateException("not this time");
                        case 3 -> {
                            end(body, over, all);
                            yield Outcome.reject("bad");
                        }
                        default -> {
                            end(body, over, all);
                            yield Outcome.accept();
                        }
                    };
                })
                .start();
        scene.publish(queue, 0, 5_000);
        scene.await("m0");
        // Receiving fails too: this one is taken back, and comes to a second handler.
        await().atMost(Scene.PATIENCE).until(() -> broker.closeConnections(queue) == 1);
        scene.publish(queue, 5_000, 10_000);
        Scene.pass(all);
        await().atMost(Scene.PATIENCE).until(() -> broker.ready(queue) == 0 && broker.unacknowledged(queue) == 1);

        // Of twenty places one is taken: nineteen more come, and not one beyond.
        broker.publish(queue, Collections.nCopies(40, "held"));
        await().atMost(Scene.PATIENCE).until(() -> broker.unacknowledged(queue) == 20);
        assertThat(broker.ready(queue)).isEqualTo(21);
        go.countDown();
        await().atMost(Scene.PATIENCE).until(() -> broker.ready(queue) == 0 && broker.unacknowledged(queue) == 0);

        DrainReport report = consumer.drain();
        // What the lost connection left unanswered stays so: it may have come twice.
        assertThat(report.stopConfirmed() && report.closed())
                .as("%s", report.describe())
                .isTrue();
        assertThat(report.counts().unconfirmed()).as("%s", report.describe()).isLessThanOrEqualTo(20);
        assertThat(report.counts().ended()).isEqualTo(report.counts().received());
        assertThat(over).hasSize(9_999);
    }

    private static boolean isKept(String body) {
        return body.equals("m0") || body.equals("held");
    }

    private static int dice(Random random, int sides) {
        synchronized (random) {
            return random.nextInt(sides);
        }
    }

    private static void end(String body, Set<String> over, CountDownLatch all) {
        if (over.add(body)) {
            all.countDown();
        }
    }

    @Test
    void t24_a_poison_message_reaches_the_delivery_limit_and_releases_do_not_bring_it_there() throws Exception {
        String dead = scene.classic();
        String queue = scene.quorum(
                Map.of("x-delivery-limit", 3, "x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead));
        RabbitSource source = scene.source(queue, QueueType.QUORUM).deadLettering();
        List<Integer> attempts = Collections.synchronizedList(new ArrayList<>());
        scene.publish(queue, 0, 1);
        if (scene.isReleaseFree()) {
            // Drains that give it back, more than the limit allows returns.
            for (int drains = 0; drains < 6; drains++) {
                DrainReport report = drainInHand(source, attempts, Outcome.release());
                assertThat(report.counts().released())
                        .as("%s", report.describe())
                        .isEqualTo(1);
                await().atMost(Scene.PATIENCE).until(() -> broker.ready(queue) == 1);
            }
            assertThat(attempts).containsOnly(1).hasSize(6);
        }
        attempts.clear();
        // Failures whose retry goes through the broker, as those of a drain do.
        for (int tries = 0; tries < 4; tries++) {
            DrainReport report = drainInHand(source, attempts, Outcome.retry());
            assertThat(report.counts().retried()).as("%s", report.describe()).isEqualTo(1);
        }
        await().atMost(Scene.PATIENCE).until(() -> broker.ready(dead) == 1);
        assertThat(attempts).containsExactly(1, 2, 3, 4);
        assertThat(broker.take(queue)).isEmpty();
    }

    /** Starts a consumer, and drains it while it has the message. */
    private static DrainReport drainInHand(RabbitSource source, List<Integer> attempts, Outcome outcome)
            throws Exception {
        Scene one = new Scene();
        MessageConsumer consumer = MessageConsumer.from(source)
                .listener(one.states(""))
                .retry(Retry.fixed(100, Duration.ZERO))
                .handle((message, context) -> {
                    attempts.add(message.attempt());
                    one.signals.fire("begun");
                    one.await(ConsumerState.FINISHING);
                    return outcome;
                })
                .start();
        one.await("begun");
        return Scene.report(Scene.drain(consumer));
    }

    @Test
    void t25a_a_connection_killed_between_delivery_and_acknowledgement_acknowledges_nothing_unhandled()
            throws Exception {
        String queue = scene.classic();
        scene.publish(queue, 0, 8);
        AtomicInteger calls = new AtomicInteger();
        CountDownLatch first = new CountDownLatch(8);
        CountDownLatch second = new CountDownLatch(16);
        CountDownLatch goFirst = new CountDownLatch(1);
        CountDownLatch goSecond = new CountDownLatch(1);
        MessageConsumer consumer = scene.consumer(scene.source(queue, QueueType.CLASSIC))
                .name(queue)
                .concurrency(20)
                .limit(40)
                .handle((message, context) -> {
                    int call = calls.incrementAndGet();
                    first.countDown();
                    second.countDown();
                    if (call <= 16) {
                        Scene.pass(call <= 8 ? goFirst : goSecond);
                    } else {
                        scene.signals.fire(Scene.text(message));
                    }
                    scene.handled.add(Scene.text(message));
                    return Outcome.accept();
                })
                .start();
        Scene.pass(first);
        await().atMost(Scene.PATIENCE).until(() -> broker.closeConnections(queue) == 1);
        Scene.pass(second);
        // The first eight end now. Their tags are of a channel that is gone, and the new one has the same numbers.
        goFirst.countDown();
        await().atMost(Scene.PATIENCE).until(() -> consumer.snapshot().lateOutcomes() == 8);
        // What is acknowledged after them has been heard by the broker when it is gone from there.
        scene.publish(queue, 8, 9);
        scene.await("m8");
        await().atMost(Scene.PATIENCE).until(() -> broker.ready(queue) + broker.unacknowledged(queue) <= 8);
        assertThat(broker.unacknowledged(queue)).isEqualTo(8);
        goSecond.countDown();

        DrainReport report = Scene.report(Scene.drain(consumer));

        assertThat(report.lateOutcomes()).as("%s", report.describe()).isEqualTo(8);
        assertThat(report.counts().revoked()).as("%s", report.describe()).isEqualTo(8);
        assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(9);
        assertThat(scene.handled).hasSize(17);
        assertThat(broker.take(queue)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"CLASSIC", "QUORUM"})
    void t25b_a_single_active_consumer_that_drains_keeps_the_order_over_the_next(QueueType type) throws Exception {
        String queue = scene.queue(Map.of(
                "x-queue-type", type == QueueType.QUORUM ? "quorum" : "classic", "x-single-active-consumer", true));
        RabbitSource source = scene.source(queue, type).singleActiveConsumer();
        WatchedFactory watched = new WatchedFactory(broker.connectionFactory());
        CountDownLatch all = new CountDownLatch(200);
        MessageConsumer first = single(source.connection(watched), "first ", all);
        MessageConsumer second = single(source, "second ", all);
        scene.publish(queue, 0, 200);
        // It stands at the thirtieth and holds nine behind it.
        scene.await("first m30");
        await().atMost(Scene.PATIENCE).until(() -> broker.ready(queue) == 160);
        CompletionStage<DrainReport> drain = Scene.drain(first);
        scene.await("first " + ConsumerState.FINISHING);
        assertThat(broker.ready(queue)).isEqualTo(160);
        scene.signals.fire("go");

        DrainReport report = Scene.report(drain);

        assertThat(watched.words()).contains("close").noneMatch(it -> it.startsWith("basicCancel"));
        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(report.counts().accepted()).isEqualTo(report.counts().received());
        Scene.pass(all);
        assertThat(scene.handled).containsExactlyElementsOf(Scene.bodies(0, 200));
        assertThat(Scene.report(Scene.drain(second)).clean()).isTrue();
        assertThat(broker.ready(queue)).isZero();
    }

    private MessageConsumer single(RabbitSource source, String name, CountDownLatch count) {
        return MessageConsumer.from(source)
                .dropRejected()
                .listener(scene.states(name))
                .concurrency(1)
                .limit(10)
                .ordering(Ordering.byLane())
                .drain(DrainSettings.within(Duration.ofSeconds(20)).mode(DrainMode.FINISH_UNTIL_DEADLINE))
                .handle((message, context) -> {
                    String body = Scene.text(message);
                    if (body.equals("m30")) {
                        scene.signals.fire(name + body);
                        scene.await("go");
                    }
                    scene.handled.add(body);
                    count.countDown();
                    return Outcome.accept();
                })
                .start();
    }
}
