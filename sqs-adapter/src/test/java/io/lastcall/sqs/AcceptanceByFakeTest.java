package io.lastcall.sqs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.Retry;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Source;
import io.lastcall.sqs.HandIntake.Answered;
import io.lastcall.sqs.HandIntake.Decided;
import io.lastcall.testkit.Signals;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/** Faults of the acceptance list, by number, that only a broker shows that fails on cue. */
class AcceptanceByFakeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration HOUR = Duration.ofHours(1);

    private final AwsQueue queue = new AwsQueue(false, HOUR);
    private final AwsClient client = new AwsClient(queue);

    /** The drain begins while one of them is with its handler, whichever; the others are queued, running, buffered or deleted. */
    @Test
    void t01_wherever_messages_are_when_the_drain_begins_every_delete_is_answered() throws Exception {
        long seed = 4711;
        Random dice = new Random(seed);
        for (int round = 0; round < 1_000; round++) {
            String what = "seed " + seed + " round " + round;
            AwsQueue ours = new AwsQueue(false, HOUR);
            int count = 1 + dice.nextInt(9);
            int last = 1 + dice.nextInt(count);
            for (int i = 0; i < count; i++) {
                ours.send("m" + i, null);
            }
            AtomicInteger started = new AtomicInteger();
            Signals now = new Signals();
            MessageConsumer consumer = MessageConsumer.from(
                            source(new AwsClient(ours)).deleteInterval(HOUR))
                    .dropRejected()
                    .concurrency(3)
                    .limit(20)
                    .handle((message, context) -> {
                        if (started.incrementAndGet() == last) {
                            now.fire("drain");
                        }
                        return Outcome.accept();
                    })
                    .start();
            now.await("drain", PATIENCE);
            CompletionStage<DrainReport> drained = consumer.beginDrain(DrainRequest.because("the test"));
            ours.answerAtOnce(true);
            DrainReport report = drained.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

            assertThat(report.clean()).as("%s: %s", what, report.describe()).isTrue();
            assertThat(report.phases().total()).as(what).isLessThan(Duration.ofSeconds(1));
            assertThat(report.counts().accepted()).as(what).isEqualTo(count);
            assertThat(ours.size()).as(what).isZero();
        }
    }

    @Test
    void t23_whatever_fails_in_ten_thousand_polls_no_room_is_lost() throws Exception {
        int messages = 10_000;
        Random dice = new Random(23);
        for (int i = 0; i < messages; i++) {
            queue.send("m" + i, null);
        }
        client.mostAtOnce = 1;
        client.before = request -> {
            int roll;
            synchronized (dice) {
                roll = dice.nextInt(400);
            }
            if (roll == 0) {
                throw SdkClientException.create("the connection broke");
            } else if (roll == 1) {
                throw AwsClient.error(403, "RequestThrottled");
            }
        };
        MessageConsumer consumer = MessageConsumer.from(
                        source(client).receivers(10).deleteInterval(Duration.ZERO))
                .dropRejected()
                .concurrency(8)
                .limit(10)
                .retry(Retry.fixed(3, Duration.ofMillis(1)))
                .decode(message -> {
                    String text = text(message.body());
                    if (text.endsWith("77")) {
                        throw new IllegalArgumentException("cannot be read");
                    }
                    return text;
                })
                .handle((message, context) -> {
                    String text = String.valueOf(message.body());
                    if (text.endsWith("7") || (text.endsWith("3") && context.attempt() < 3)) {
                        throw new IllegalStateException("cannot be handled");
                    }
                    return Outcome.accept();
                })
                .start();

        assertThat(queue.empties(PATIENCE.multipliedBy(2)))
                .as("%s", consumer.snapshot())
                .isTrue();
        client.before = request -> {};
        for (int i = 0; i < 100; i++) {
            queue.send("more" + i * 10, null);
        }
        assertThat(queue.empties(PATIENCE)).as("%s", consumer.snapshot()).isTrue();
        CompletionStage<DrainReport> drained = consumer.beginDrain(DrainRequest.because("the test"));
        queue.answerAtOnce(true);
        DrainReport report = drained.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(client.of(ReceiveMessageRequest.class).size()).isGreaterThan(messages);
        assertThat(report.counts().rejected()).isEqualTo(messages / 10);
        assertThat(report.counts().accepted()).isEqualTo(messages - messages / 10 + 100);
    }

    @Test
    void t25_a_message_that_was_received_twice_is_deleted_by_its_newest_handle_and_only_what_failed_is_asked_again()
            throws Exception {
        HandIntake intake = new HandIntake(100);
        Source<SqsReceipt> source = source(client).deleteInterval(HOUR).open();
        source.start(intake);
        queue.send("a", null);
        Delivery<SqsReceipt> once = intake.next();
        intake.pass(HOUR.plusSeconds(1));
        queue.pass(HOUR.plusSeconds(1));
        Delivery<SqsReceipt> twice = intake.next();
        queue.send("b", null);
        queue.send("c", null);
        List<Delivery<SqsReceipt>> all = new ArrayList<>(intake.next(2));
        Delivery<SqsReceipt> c = all.get(1);
        all.add(0, once);
        all.add(twice);
        client.failing = Map.of(c.receipt().handle(), "InternalError");
        client.after = request -> {
            if (request instanceof DeleteMessageBatchRequest) {
                client.failing = Map.of();
            }
        };

        source.settle(all.stream().map(it -> new Decided(it, Outcome.accept())).toList());
        CompletionStage<Void> stopped = source.stopReceiving();
        queue.answerAtOnce(true);
        List<Answered> answers = intake.answers(4);

        assertThat(intake.await(stopped, PATIENCE)).isTrue();
        assertThat(answers).allMatch(it -> it.failure() == null);
        assertThat(queue.size()).isZero();
        assertThat(client.of(DeleteMessageBatchRequest.class))
                .extracting(request -> request.entries().stream()
                        .map(DeleteMessageBatchRequestEntry::receiptHandle)
                        .toList())
                .containsExactly(List.of("a#2", "b#1", "c#1"), List.of("c#1"));
        source.close(PATIENCE);
    }

    @Test
    void throttled_deletes_back_off_and_do_not_hold_a_drain() throws Exception {
        HandIntake intake = new HandIntake(100);
        intake.holdTime(4);
        AtomicInteger asked = new AtomicInteger();
        client.before = request -> {
            if (request instanceof DeleteMessageBatchRequest && asked.incrementAndGet() <= 7) {
                throw AwsClient.error(403, "RequestThrottled");
            }
        };
        queue.send("a", null);
        Source<SqsReceipt> source = source(client).deleteInterval(Duration.ZERO).open();
        source.start(intake);
        source.settle(List.of(new Decided(intake.next(), Outcome.accept())));
        List<Duration> before = intake.waits(5); // the last of them would go on for ever

        intake.holdTime(2);
        CompletionStage<Void> stopped = source.stopReceiving();
        queue.answerAtOnce(true);
        List<Duration> during = intake.waits(2);
        source.close(PATIENCE);

        assertThat(before).extracting(Duration::toMillis).containsExactly(100L, 200L, 400L, 800L, 1_600L);
        assertThat(during).extracting(Duration::toMillis).containsOnly(200L);
        assertThat(intake.await(stopped, PATIENCE)).isTrue();
        assertThat(intake.answer().failure()).isNull();
        assertThat(queue.size()).isZero();
        assertThat(intake.failures).isEmpty();
    }

    @Test
    void throttled_receives_back_off_and_do_not_hold_a_drain() throws Exception {
        HandIntake intake = new HandIntake(100);
        intake.holdTime(7);
        client.before = request -> {
            if (request instanceof ReceiveMessageRequest) {
                throw AwsClient.error(403, "RequestThrottled");
            }
        };
        Source<SqsReceipt> source = source(client).open();
        source.start(intake);
        List<Duration> waits = intake.waits(8); // the last of them would go on for ever

        CompletionStage<Void> stopped = source.stopReceiving();

        assertThat(waits)
                .extracting(Duration::toMillis)
                .containsExactly(100L, 200L, 400L, 800L, 1_600L, 3_200L, 6_400L, 10_000L);
        assertThat(intake.await(stopped, PATIENCE)).isTrue();
        assertThat(client.of(ReceiveMessageRequest.class)).hasSize(8);
        source.close(PATIENCE);
        assertThat(intake.failures).isEmpty();
    }

    private static String text(byte @Nullable [] body) {
        return body == null ? "" : new String(body, StandardCharsets.UTF_8);
    }

    private static SqsSource source(AwsClient client) {
        return SqsSource.queue(client.url()).client(client);
    }
}
