package io.lastcall.sqs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Extension;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Source;
import io.lastcall.sqs.HandIntake.Answered;
import io.lastcall.sqs.HandIntake.Decided;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;

/** Where AWS does not do what the endpoint of the other tests does. */
class AwsDifferencesTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private final HandIntake intake = new HandIntake(100);
    private final List<Source<SqsReceipt>> opened = new ArrayList<>();
    // Each test's own; the test's thread only.
    private AwsQueue queue = new AwsQueue(false, HOUR);
    private AwsClient client = new AwsClient(queue);

    @AfterEach
    void closeAll() throws Exception {
        queue.answerAtOnce(true);
        for (Source<SqsReceipt> source : opened) {
            source.stopReceiving();
            source.close(HandIntake.PATIENCE);
        }
        assertThat(intake.failures).isEmpty();
    }

    @Test
    void a_lease_is_extended_to_the_end_of_the_twelve_hours_and_lapses_for_the_handler_before_it_does_for_others()
            throws Exception {
        Source<SqsReceipt> source = start(false, HOUR);
        queue.send("a", null);
        Delivery<SqsReceipt> held = intake.next();
        List<Extension> said = new ArrayList<>();

        Duration age = Duration.ZERO;
        while (!said.contains(Extension.LAPSED) && age.compareTo(AwsQueue.LIMIT) < 0) {
            pass(HOUR.dividedBy(3));
            age = age.plus(HOUR.dividedBy(3));
            said.addAll(extend(source, held));
        }

        assertThat(said).endsWith(Extension.LAPSED).doesNotContain(Extension.UNKNOWN);
        assertThat(age).isBetween(AwsQueue.LIMIT.minus(HOUR.dividedBy(3)), AwsQueue.LIMIT.minusSeconds(1));
        assertThat(queue.hidden()).isEqualTo(1);
        assertThat(lastChange().visibilityTimeout()).isLessThan((int) HOUR.toSeconds());
    }

    @Test
    void a_retry_later_than_the_twelve_hours_allow_comes_at_their_end() throws Exception {
        Source<SqsReceipt> source = start(false, AwsQueue.LIMIT);
        queue.send("a", null);
        Delivery<SqsReceipt> held = intake.next();
        pass(AwsQueue.LIMIT.minusMinutes(1));
        assertThat(queue.change("0", held.receipt().handle(), HOUR)).isNotNull(); // AWS refuses

        source.settle(List.of(new Decided(held, Outcome.retry(HOUR))));

        assertThat(intake.answer().failure()).isNull();
        assertThat(lastChange().visibilityTimeout()).isBetween(50, 60);
    }

    @Test
    void a_change_that_comes_after_the_lease_is_refused() throws Exception {
        Duration lease = Duration.ofSeconds(30);
        Source<SqsReceipt> source = start(false, lease);
        queue.send("a", null);
        Delivery<SqsReceipt> held = intake.next();
        intake.refuseOffers();
        pass(lease.plusSeconds(1));

        assertThat(extend(source, held)).containsExactly(Extension.LAPSED);
        source.settle(List.of(new Decided(held, Outcome.release())));
        assertThat(kind(intake.answer())).isEqualTo(Failure.Kind.REFUSED);
    }

    @Test
    void a_delete_that_aws_says_is_done_is_in_doubt_when_the_lease_was_over() throws Exception {
        Duration lease = Duration.ofSeconds(30);
        Source<SqsReceipt> source = start(false, lease);
        queue.send("a", null);
        Delivery<SqsReceipt> first = intake.next();
        pass(lease.plusSeconds(1));
        Delivery<SqsReceipt> again = intake.next(); // as any other consumer would

        source.settle(List.of(new Decided(first, Outcome.accept())));
        Answered late = intake.answer();

        assertThat(client.of(DeleteMessageBatchRequest.class)).hasSize(1);
        assertThat(queue.size()).as("AWS answered well and deleted nothing").isEqualTo(1);
        assertThat(kind(late)).isEqualTo(Failure.Kind.UNKNOWN);
        source.settle(List.of(new Decided(again, Outcome.accept())));
        assertThat(intake.answer().failure()).isNull();
        assertThat(queue.size()).isZero();
    }

    @Test
    void a_delete_is_not_in_doubt_when_the_lease_was_extended() throws Exception {
        Duration lease = Duration.ofSeconds(30);
        Source<SqsReceipt> source = start(false, lease);
        queue.send("a", null);
        Delivery<SqsReceipt> held = intake.next();
        pass(Duration.ofSeconds(15));
        assertThat(extend(source, held)).containsExactly(Extension.EXTENDED);
        pass(Duration.ofSeconds(20));

        source.settle(List.of(new Decided(held, Outcome.accept())));

        assertThat(intake.answer().failure()).isNull();
        assertThat(queue.size()).isZero();
    }

    @Test
    void a_fifo_queue_refuses_a_delete_after_the_lease() throws Exception {
        Duration lease = Duration.ofSeconds(30);
        Source<SqsReceipt> source = start(true, lease);
        queue.send("a", "group");
        Delivery<SqsReceipt> held = intake.next();
        intake.refuseOffers();
        pass(lease.plusSeconds(1));

        source.settle(List.of(new Decided(held, Outcome.accept())));

        assertThat(kind(intake.answer())).isEqualTo(Failure.Kind.REFUSED);
        assertThat(queue.size()).isEqualTo(1);
    }

    /** AWS hands out what stands before an invisible message of its group: a release first to last would open a gap for others. */
    @Test
    void while_a_group_is_given_back_nobody_gets_it_in_another_order() throws Exception {
        serve(true, HOUR);
        for (int i = 0; i < 5; i++) {
            queue.send("m" + i, "group");
        }
        Source<SqsReceipt> source = start();
        List<Delivery<SqsReceipt>> all = intake.next(5);
        CompletionStage<Void> stopped = source.stopReceiving();
        queue.answerAtOnce(true);
        assertThat(intake.await(stopped, HandIntake.PATIENCE)).isTrue();
        List<String> others = new ArrayList<>();
        client.after = request -> {
            if (request instanceof ChangeMessageVisibilityBatchRequest) {
                others.addAll(receiveAsAnother()); // the one settler's thread; read after its answers
            }
        };

        source.settle(all.stream().map(it -> new Decided(it, Outcome.release())).toList());
        intake.answers(5);

        assertThat(others).containsExactly("m0", "m1", "m2", "m3", "m4");
    }

    private List<String> receiveAsAnother() {
        try {
            return queue.receive(10, Duration.ZERO, HOUR).stream()
                    .map(AwsQueue.Given::body)
                    .toList();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Source<SqsReceipt> start(boolean fifo, Duration visibility) throws Exception {
        serve(fifo, visibility);
        return start();
    }

    private void serve(boolean fifo, Duration visibility) {
        queue = new AwsQueue(fifo, visibility);
        client = new AwsClient(queue);
    }

    private Source<SqsReceipt> start() throws Exception {
        Source<SqsReceipt> source = SqsSource.queue(client.url()).client(client).open();
        opened.add(source);
        source.start(intake);
        return source;
    }

    private void pass(Duration time) {
        intake.pass(time);
        queue.pass(time);
    }

    private static List<Extension> extend(Source<SqsReceipt> source, Delivery<SqsReceipt> held) throws Exception {
        return source.extend(List.of(held)).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private ChangeMessageVisibilityBatchRequestEntry lastChange() {
        List<ChangeMessageVisibilityBatchRequest> all = client.of(ChangeMessageVisibilityBatchRequest.class);
        return all.get(all.size() - 1).entries().get(0);
    }

    private static Failure.Kind kind(Answered answer) {
        Failure failure = answer.failure();
        if (failure == null) {
            throw new AssertionError(answer + " was settled");
        }
        return failure.kind();
    }
}
