package io.lastcall.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lastcall.ConsumerListener;
import io.lastcall.ConsumerState;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Source;
import io.lastcall.sqs.HandIntake.Answered;
import io.lastcall.sqs.HandIntake.Decided;
import io.lastcall.testkit.Signals;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;

/** When deletes, releases and extensions go out, and in how many requests, against a queue that fails on cue. */
class SettlementTest {

    private static final Duration PATIENCE = HandIntake.PATIENCE;
    private static final Duration HOUR = Duration.ofHours(1);

    private final AwsQueue queue = new AwsQueue(false, HOUR);
    private final AwsClient client = new AwsClient(queue);
    private final HandIntake intake = new HandIntake(100);
    private final Signals signals = new Signals();

    @Test
    void deletes_wait_for_others_until_their_time_is_over() throws Exception {
        Duration interval = Duration.ofMillis(300);
        Source<SqsReceipt> source = start(interval);
        List<Delivery<SqsReceipt>> all = receive(3);

        long begin = System.nanoTime();
        settle(source, all, Outcome.accept());
        List<Answered> answers = intake.answers(3);

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(interval);
        assertThat(answers).allMatch(it -> it.failure() == null);
        assertThat(deleted()).containsExactly(3);
        close(source);
    }

    @Test
    void deletes_wait_for_no_time_once_they_are_ten() throws Exception {
        intake.holdTime(0);
        Source<SqsReceipt> source = start(HOUR.minusSeconds(1));
        List<Delivery<SqsReceipt>> all = receive(12);

        settle(source, all.subList(0, 9), Outcome.accept());
        intake.waits(1);
        assertThat(client.of(DeleteMessageBatchRequest.class)).isEmpty();
        settle(source, all.subList(9, 12), Outcome.accept());
        intake.answers(10);

        assertThat(deleted()).containsExactly(10);
        close(source);
        assertThat(deleted()).containsExactly(10, 2);
    }

    @Test
    void a_dead_letter_that_hangs_holds_up_no_delete() throws Exception {
        CompletableFuture<Void> taken = new CompletableFuture<>();
        client.before = request -> {
            if (request instanceof SendMessageRequest) {
                taken.join();
            }
        };
        Source<SqsReceipt> source = SqsSource.queue(client.url())
                .client(client)
                .deadLetterQueue(client.url() + "-dead")
                .deleteInterval(Duration.ofMillis(1))
                .open();
        source.start(intake);
        List<Delivery<SqsReceipt>> both = receive(2);

        settle(source, both.subList(0, 1), Outcome.reject("broken"));
        settle(source, both.subList(1, 2), Outcome.accept());

        assertThat(intake.answer().settlement().delivery()).isSameAs(both.get(1));
        taken.complete(null);
        Answered last = intake.answer();
        assertThat(last.settlement().delivery()).isSameAs(both.get(0));
        assertThat(last.failure()).isNull();
        assertThat(deleted()).containsExactly(1, 1);
        close(source);
    }

    @Test
    void a_letter_that_is_taken_during_the_close_is_deleted_too() throws Exception {
        CompletableFuture<Void> taken = new CompletableFuture<>();
        client.before = request -> {
            if (request instanceof SendMessageRequest) {
                taken.join();
            }
        };
        Source<SqsReceipt> source = SqsSource.queue(client.url())
                .client(client)
                .deadLetterQueue(client.url() + "-dead")
                .open();
        source.start(intake);
        settle(source, receive(1), Outcome.reject("broken"));
        stop(source);
        intake.holdTime(0);

        CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> {
            try {
                source.close(PATIENCE);
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
        intake.waits(1); // the close
        taken.complete(null);
        closed.get(30, TimeUnit.SECONDS);

        assertThat(intake.answer().failure()).isNull();
        assertThat(deleted()).containsExactly(1);
    }

    @Test
    void releases_go_back_ten_at_once_with_a_timeout_of_zero() throws Exception {
        Source<SqsReceipt> source = start(HOUR);
        List<Delivery<SqsReceipt>> all = receive(23);
        stop(source);

        settle(source, all, Outcome.release());

        assertThat(intake.answers(23)).allMatch(it -> it.failure() == null);
        assertThat(client.of(ChangeMessageVisibilityBatchRequest.class))
                .extracting(it -> it.entries().size())
                .containsExactly(10, 10, 3);
        assertThat(client.of(ChangeMessageVisibilityBatchRequest.class))
                .flatExtracting(ChangeMessageVisibilityBatchRequest::entries)
                .extracting(ChangeMessageVisibilityBatchRequestEntry::visibilityTimeout)
                .containsOnly(0);
        assertThat(queue.hidden()).isZero();
        close(source);
    }

    @Test
    void an_entry_that_keeps_failing_is_asked_for_until_the_close_is_over_and_is_unknown_then() throws Exception {
        Source<SqsReceipt> source = start(HOUR);
        List<Delivery<SqsReceipt>> all = receive(3);
        client.failing = Map.of(all.get(1).receipt().handle(), "InternalError");
        stop(source);

        settle(source, all, Outcome.accept());
        assertThatThrownBy(() -> source.close(Duration.ofSeconds(2)))
                .isInstanceOf(TimeoutException.class)
                .hasMessageContaining("settlements without an answer: 1");

        List<Answered> answers = intake.answers(3);
        assertThat(answers.stream().filter(it -> it.failure() == null))
                .extracting(it -> it.settlement().delivery())
                .containsExactlyInAnyOrder(all.get(0), all.get(2));
        assertThat(answers.stream().filter(it -> it.failure() != null))
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.settlement().delivery()).isSameAs(all.get(1));
                    Failure failure = it.failure();
                    assertThat(failure == null ? null : failure.kind()).isEqualTo(Failure.Kind.UNKNOWN);
                });
        assertThat(deleted()).hasSizeGreaterThan(2).startsWith(3, 1, 1).doesNotContain(2);
    }

    @Test
    void h20_a_release_goes_out_after_the_answer_to_the_extension_that_is_under_way() throws Exception {
        List<String> order = new CopyOnWriteArrayList<>();
        client.before = request -> {
            if (isExtension(request) && !signals.fired("extending")) {
                signals.fire("extending");
                signals.awaitStubbornly("go");
            }
        };
        client.after = request -> {
            if (request instanceof DeleteMessageBatchRequest) {
                signals.fire("deleted");
            } else if (isExtension(request)) {
                order.add("extended");
            } else if (request instanceof ChangeMessageVisibilityBatchRequest) {
                order.add("released");
            }
        };
        queue.send("a", null);
        queue.send("b", null);
        MessageConsumer consumer = MessageConsumer.from(SqsSource.queue(client.url())
                        .client(client)
                        .visibilityTimeout(Duration.ofSeconds(3))
                        .receivers(2))
                .dropRejected()
                .concurrency(1)
                .listener(new ConsumerListener() {
                    @Override
                    public void stateChanged(String name, ConsumerState from, ConsumerState to) {
                        signals.fire(to.name());
                    }
                })
                .handle((message, context) -> {
                    signals.await("FINISHING", PATIENCE);
                    return Outcome.accept();
                })
                .start();
        signals.await("extending", PATIENCE);
        CompletionStage<DrainReport> drained =
                consumer.beginDrain(DrainRequest.because("the test").mode(DrainMode.FINISH_STARTED));
        queue.answerAtOnce(true);
        signals.await("deleted", PATIENCE); // a release would have gone out before
        signals.fire("go");
        DrainReport report = drained.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(report.counts().released()).isEqualTo(1);
        assertThat(order).containsExactly("extended", "released");
        assertThat(queue.hidden()).isZero();
    }

    private static boolean isExtension(SdkRequest request) {
        return request instanceof ChangeMessageVisibilityBatchRequest change
                && change.entries().get(0).visibilityTimeout() > 0;
    }

    private List<Integer> deleted() {
        return client.of(DeleteMessageBatchRequest.class).stream()
                .map(it -> it.entries().size())
                .toList();
    }

    private List<Delivery<SqsReceipt>> receive(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            queue.send("m" + i, null);
        }
        return intake.next(count);
    }

    private Source<SqsReceipt> start(Duration deleteInterval) throws Exception {
        Source<SqsReceipt> source = SqsSource.queue(client.url())
                .client(client)
                .deleteInterval(deleteInterval)
                .open();
        source.start(intake);
        return source;
    }

    private void stop(Source<SqsReceipt> source) throws Exception {
        CompletionStage<Void> stopped = source.stopReceiving();
        queue.answerAtOnce(true);
        assertThat(intake.await(stopped, PATIENCE)).isTrue();
    }

    private void close(Source<SqsReceipt> source) throws Exception {
        stop(source);
        source.close(PATIENCE);
        assertThat(intake.failures).isEmpty();
    }

    private static void settle(Source<SqsReceipt> source, List<Delivery<SqsReceipt>> all, Outcome outcome) {
        source.settle(all.stream().map(it -> new Decided(it, outcome)).toList());
    }
}
