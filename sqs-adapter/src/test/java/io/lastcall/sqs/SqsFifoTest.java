package io.lastcall.sqs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.Retry;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Source;
import io.lastcall.testkit.Signals;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/** What is different about a FIFO queue, against a queue with the rules of AWS. No consumer here asks for an order. */
class SqsFifoTest {

    private static final Duration PATIENCE = HandIntake.PATIENCE;
    private static final Duration HOUR = Duration.ofHours(1);

    private final AwsQueue queue = new AwsQueue(true, HOUR);
    private final AwsClient client = new AwsClient(queue);
    private final HandIntake intake = new HandIntake(100);
    private final Signals signals = new Signals();
    private final List<String> events = new CopyOnWriteArrayList<>();

    @Test
    void a_receive_without_an_answer_is_asked_again_by_its_id_and_brings_the_same_messages() throws Exception {
        loseAnswers(1);
        send("g", 2);
        Source<SqsReceipt> source = start(client);

        List<Delivery<SqsReceipt>> received = intake.next(2);
        send("h", 1);
        intake.next();

        List<String> ids = client.of(ReceiveMessageRequest.class).stream()
                .map(ReceiveMessageRequest::receiveRequestAttemptId)
                .toList();
        assertThat(received).extracting(it -> it.message().id()).containsExactly("g0", "g1");
        assertThat(received).extracting(it -> it.message().attempt()).containsOnly(1);
        assertThat(ids.get(0)).isNotNull().isEqualTo(ids.get(1)).isNotEqualTo(ids.get(2));
        close(source);
    }

    @Test
    void a_receive_without_an_answer_is_asked_again_once_at_the_stop_without_a_wait() throws Exception {
        intake.holdTime(0);
        loseAnswers(1);
        send("g", 2);
        Source<SqsReceipt> source = start(client);
        intake.waits(1); // it would be asked again after that, which does not end

        CompletionStage<Void> stopped = source.stopReceiving();

        assertThat(intake.next(2)).extracting(it -> it.message().id()).containsExactly("g0", "g1");
        assertThat(intake.await(stopped, PATIENCE)).isTrue();
        List<ReceiveMessageRequest> asked = client.of(ReceiveMessageRequest.class);
        assertThat(asked).hasSize(2);
        assertThat(asked.get(1).receiveRequestAttemptId())
                .isEqualTo(asked.get(0).receiveRequestAttemptId());
        assertThat(asked.get(1).waitTimeSeconds()).isZero();
        close(source);
    }

    @Test
    void a_standard_queue_knows_no_such_id() throws Exception {
        AwsQueue standard = new AwsQueue(false, HOUR);
        AwsClient observed = new AwsClient(standard);
        Source<SqsReceipt> source = start(observed);
        standard.send("a", null);

        intake.next();

        assertThat(observed.of(ReceiveMessageRequest.class))
                .extracting(ReceiveMessageRequest::receiveRequestAttemptId)
                .containsOnlyNulls();
        standard.answerAtOnce(true);
        close(source);
    }

    @Test
    void one_of_a_group_is_handled_at_a_time_and_deleted_before_the_next_begins() throws Exception {
        int each = 5;
        send("g", each);
        send("h", each);
        CountDownLatch beside = new CountDownLatch(2);
        client.after = request -> {
            if (request instanceof DeleteMessageBatchRequest delete) {
                delete.entries().forEach(it -> events.add("deleted " + body(it.receiptHandle())));
            }
        };
        MessageConsumer consumer = MessageConsumer.from(source(client).deleteInterval(HOUR))
                .dropRejected()
                .concurrency(4)
                .handle((message, context) -> {
                    events.add("begins " + message.id());
                    beside.countDown();
                    boolean both = beside.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                    events.add("ends " + message.id());
                    return both ? Outcome.accept() : Outcome.reject("the groups do not run beside each other");
                })
                .start();

        assertThat(queue.empties(PATIENCE)).as("%s", events).isTrue();
        assertThat(drain(consumer).counts().accepted()).isEqualTo(2L * each);
        for (String group : List.of("g", "h")) {
            assertThat(events.stream().filter(it -> it.contains(" " + group)))
                    .containsExactly(
                            "begins " + group + "0",
                            "ends " + group + "0",
                            "deleted " + group + "0",
                            "begins " + group + "1",
                            "ends " + group + "1",
                            "deleted " + group + "1",
                            "begins " + group + "2",
                            "ends " + group + "2",
                            "deleted " + group + "2",
                            "begins " + group + "3",
                            "ends " + group + "3",
                            "deleted " + group + "3",
                            "begins " + group + "4",
                            "ends " + group + "4",
                            "deleted " + group + "4");
        }
    }

    @Test
    void the_rest_of_a_group_goes_back_last_to_first_when_one_of_it_does() throws Exception {
        send("g", 5);
        AtomicBoolean back = new AtomicBoolean();
        MessageConsumer consumer = MessageConsumer.from(source(client))
                .dropRejected()
                .concurrency(4)
                .handle((message, context) -> {
                    events.add(message.id());
                    boolean gives = message.id().equals("g1") && back.compareAndSet(false, true);
                    return gives ? Outcome.release() : Outcome.accept();
                })
                .start();

        assertThat(queue.empties(PATIENCE)).as("%s", events).isTrue();
        DrainReport report = drain(consumer);

        assertThat(events).containsExactly("g0", "g1", "g1", "g2", "g3", "g4");
        assertThat(givenBack()).containsExactly("g4", "g3", "g2", "g1");
        assertThat(report.counts().released()).isEqualTo(4);
    }

    @Test
    void a_drain_gives_a_group_whose_first_has_failed_back_last_to_first_and_none_of_the_rest_runs() throws Exception {
        send("g", 4);
        AtomicInteger failures = new AtomicInteger();
        MessageConsumer consumer = MessageConsumer.from(source(client))
                .dropRejected()
                .concurrency(1)
                .retry(Retry.fixed(5, Duration.ofMinutes(10)))
                .handle((message, context) -> {
                    events.add(message.id());
                    if (message.id().startsWith("g")) {
                        failures.incrementAndGet();
                        throw new IllegalStateException("not now");
                    }
                    signals.fire("g waits"); // one handler at a time: the first is in back-off by now
                    return Outcome.accept();
                })
                .start();
        send("h", 1);
        signals.await("g waits", PATIENCE);

        DrainReport report = drain(consumer);

        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(events).containsExactlyInAnyOrder("g0", "h0");
        assertThat(givenBack()).containsExactly("g3", "g2", "g1", "g0");
        assertThat(queue.hidden()).isZero();
    }

    /** The answers to the first receives that bring something do not arrive. */
    private void loseAnswers(int count) {
        AtomicInteger lost = new AtomicInteger();
        client.after = request -> {
            if (request instanceof ReceiveMessageRequest && lost.getAndIncrement() < count) {
                throw SdkClientException.create("the connection broke");
            }
        };
    }

    private void send(String group, int count) {
        for (int i = 0; i < count; i++) {
            queue.send(group + i, group);
        }
    }

    private Source<SqsReceipt> start(AwsClient by) throws Exception {
        Source<SqsReceipt> source = source(by).open();
        source.start(intake);
        return source;
    }

    private void close(Source<SqsReceipt> source) throws Exception {
        source.stopReceiving();
        queue.answerAtOnce(true);
        source.close(PATIENCE);
        assertThat(intake.failures).isEmpty();
    }

    private DrainReport drain(MessageConsumer consumer) throws Exception {
        CompletionStage<DrainReport> drained = consumer.beginDrain(DrainRequest.because("the test"));
        queue.answerAtOnce(true);
        return drained.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private List<String> givenBack() {
        return client.of(ChangeMessageVisibilityBatchRequest.class).stream()
                .flatMap(request -> request.entries().stream())
                .filter(it -> it.visibilityTimeout() == 0)
                .map(ChangeMessageVisibilityBatchRequestEntry::receiptHandle)
                .map(SqsFifoTest::body)
                .toList();
    }

    private static String body(String handle) {
        return handle.substring(0, handle.indexOf('#'));
    }

    private static SqsSource source(AwsClient client) {
        return SqsSource.queue(client.url()).client(client);
    }
}
