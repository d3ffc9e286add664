package io.lastcall.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lastcall.ConsumerState;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.message.Outcome;
import io.lastcall.rabbit.HandIntake.Taken;
import io.lastcall.rabbit.HandIntake.Told;
import io.lastcall.spi.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is said on a channel, in which order and by whom, with a real server at its end. */
class ChannelRulesTest {

    private final Scene scene = new Scene();
    private final String queue = scene.classic();
    private final WatchedFactory factory = new WatchedFactory(scene.broker.connectionFactory());
    private final RabbitSource watched =
            RabbitSource.queue(queue).queueType(QueueType.CLASSIC).connection(factory);

    @AfterEach
    void close() {
        scene.close();
    }

    @Test
    void one_thread_says_all_that_is_said_on_a_channel() throws Exception {
        Source<DeliveryTag> source = watched.open();
        HandIntake intake = new HandIntake(30);
        source.start(intake);
        scene.publish(queue, 0, 30);
        List<Taken> taken = intake.await(30);
        List<Thread> settlers = new ArrayList<>();
        List<Told> told = new ArrayList<>();
        for (int i = 0; i < 30; i += 10) {
            List<Taken> some = taken.subList(i, i + 10);
            Outcome outcome = i == 0 ? Outcome.accept() : Outcome.reject("bad");
            Thread settler = new Thread(() -> {
                List<Told> mine = intake.settle(source, some, outcome);
                synchronized (told) {
                    told.addAll(mine);
                }
            });
            settler.start();
            settlers.add(settler);
        }
        for (Thread settler : settlers) {
            settler.join();
        }
        assertThat(intake.answers(told)).containsOnly("SETTLED");
        intake.limit(10);
        await().atMost(Scene.PATIENCE).until(() -> factory.words().contains("basicQos 10 false"));
        intake.pause();
        intake.resume();
        source.stopReceiving().toCompletableFuture().get(Scene.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        source.close(Scene.PATIENCE);
        intake.awaitNoThreads();

        assertThat(factory.words()).contains("basicReject 30 false", "close");
        assertThat(factory.calls)
                .extracting(WatchedFactory.Call::by)
                .containsOnly(factory.calls.get(0).by());
        assertThat(factory.words())
                .noneMatch(it -> it.startsWith("basicRecover"))
                .noneMatch(it -> it.matches("basicQos \\d+ true"));
    }

    @Test
    void a_stop_is_confirmed_when_the_cancel_has_passed_behind_the_last_delivery() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Source<DeliveryTag> source = RabbitSource.queue(queue)
                .connection(new WatchedFactory(scene.broker.connectionFactory(), go))
                .open();
        HandIntake intake = new HandIntake(10);
        source.start(intake);
        scene.publish(queue, 0, 1);
        List<Taken> taken = intake.await(1);
        CompletableFuture<Void> stop = source.stopReceiving().toCompletableFuture();
        await().atMost(Scene.PATIENCE).until(() -> scene.broker.consumers(queue) == 0);
        // The broker has said it, and a settlement that is answered shows that the owner has heard it.
        assertThat(intake.answers(intake.settle(source, taken, Outcome.accept())))
                .containsOnly("SETTLED");
        assertThat(stop).isNotDone();
        go.countDown();
        stop.get(Scene.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        source.close(Scene.PATIENCE);
        intake.awaitNoThreads();
    }

    @Test
    void what_has_not_started_is_given_back_one_by_one_between_the_cancel_and_the_close() throws Exception {
        scene.publish(queue, 0, 5);
        MessageConsumer consumer = scene.consumer(watched)
                .concurrency(1)
                .limit(5)
                .drain(DrainSettings.within(Duration.ofSeconds(20)).mode(DrainMode.FINISH_STARTED))
                .handle((message, context) -> {
                    scene.signals.fire("begun");
                    scene.await(ConsumerState.FINISHING);
                    // They are back with the broker while this one is still at work.
                    await().atMost(Scene.PATIENCE).until(() -> scene.broker.ready(queue) == 4);
                    return Outcome.accept();
                })
                .start();
        scene.await("begun");
        await().atMost(Scene.PATIENCE).until(() -> scene.broker.ready(queue) == 0);

        CompletionStage<DrainReport> drain = Scene.drain(consumer);

        DrainReport report = Scene.report(drain);
        assertThat(report.counts().released()).as("%s", report.describe()).isEqualTo(4);
        List<String> words = factory.words();
        assertThat(words.subList(indexOf(words, "basicCancel"), words.size()))
                .filteredOn(it -> !it.startsWith("asyncCompletableRpc"))
                .extracting(it -> it.replaceFirst("^basicCancel.*", "basicCancel"))
                .containsExactly(
                        "basicCancel",
                        "basicNack 2 false true",
                        "basicNack 3 false true",
                        "basicNack 4 false true",
                        "basicNack 5 false true",
                        "basicAck 1 false",
                        "close");
    }

    private static int indexOf(List<String> words, String begin) {
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).startsWith(begin)) {
                return i;
            }
        }
        throw new AssertionError("no " + begin + " in " + words);
    }
}
