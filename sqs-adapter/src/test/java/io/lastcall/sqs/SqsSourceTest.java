package io.lastcall.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lastcall.message.Header;
import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Capability;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Extension;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Source;
import io.lastcall.sqs.HandIntake.Answered;
import io.lastcall.sqs.HandIntake.Decided;
import io.lastcall.testkit.broker.SqsBroker;
import io.lastcall.testkit.broker.SqsBroker.Counts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/** The source between a real SQS endpoint and a core worked by hand. */
class SqsSourceTest {

    private static final Counts EMPTY = new Counts(0, 0, 0);

    private final SqsBroker broker = SqsBroker.shared();
    private final Calls calls = new Calls();
    private final SqsClient client = broker.newClient()
            .overrideConfiguration(it -> it.addExecutionInterceptor(calls))
            .build();
    private final HandIntake intake = new HandIntake(100);
    private final List<Source<SqsReceipt>> opened = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (Source<SqsReceipt> source : opened) {
            source.stopReceiving();
        }
        for (Source<SqsReceipt> source : opened) {
            source.close(HandIntake.PATIENCE);
        }
        client.close();
        assertThat(intake.failures).isEmpty();
    }

    @Test
    void a_message_carries_what_sqs_knows_of_it() throws Exception {
        String url = broker.newQueue().fifo().create();
        Instant before = Instant.now().minusSeconds(5);
        broker.client()
                .sendMessage(request -> request.queueUrl(url)
                        .messageBody("Käse")
                        .messageGroupId("group")
                        .messageAttributes(Map.of(
                                "text",
                                MessageAttributeValue.builder()
                                        .dataType("String.json")
                                        .stringValue("{}")
                                        .build(),
                                "count",
                                MessageAttributeValue.builder()
                                        .dataType("Number")
                                        .stringValue("7")
                                        .build(),
                                "raw",
                                MessageAttributeValue.builder()
                                        .dataType("Binary")
                                        .binaryValue(SdkBytes.fromByteArray(new byte[] {0, -1}))
                                        .build())));

        start(source(url));
        Message<byte[]> message = intake.next().message();

        assertThat(message.body()).isEqualTo("Käse".getBytes(StandardCharsets.UTF_8));
        assertThat(message.key()).isEqualTo("group".getBytes(StandardCharsets.UTF_8));
        assertThat(message.attempt()).isEqualTo(1);
        assertThat(message.timestamp()).isBetween(before, Instant.now().plusSeconds(5));
        assertThat(message.id()).isNotEmpty();
        assertThat(message.origin().broker()).isEqualTo("sqs");
        assertThat(message.origin().destination()).isEqualTo(name(url));
        Headers headers = message.headers();
        assertThat(headers.last("text")).contains(header("text", "{}", "String.json"));
        assertThat(headers.last("count")).contains(header("count", "7", "Number"));
        assertThat(headers.last("raw")).contains(new Header("raw", new byte[] {0, -1}, "Binary"));
        assertThat(SqsMessage.attributes(headers)).hasSize(3).containsKeys("text", "count", "raw");
    }

    @Test
    void the_lane_has_the_lease_of_the_queue_and_costly_release() throws Exception {
        start(source(broker.newQueue().visibility(Duration.ofSeconds(77)).create()));
        start(source(broker.newQueue().fifo().create()).visibilityTimeout(Duration.ofSeconds(5)));

        assertThat(intake.opened.get(0).lease()).contains(Duration.ofSeconds(77));
        assertThat(intake.opened.get(0).freeRelease()).isFalse();
        assertThat(intake.opened.get(0).holdKeyUntilSettled()).isFalse();
        assertThat(intake.opened.get(1).lease()).contains(Duration.ofSeconds(5));
        assertThat(intake.opened.get(1).holdKeyUntilSettled()).isTrue();
    }

    @Test
    void accepted_messages_are_deleted_in_batches_of_ten() throws Exception {
        String url = broker.newQueue().create();
        send(url, 23);
        Source<SqsReceipt> source = start(source(url));
        List<Delivery<SqsReceipt>> all = intake.next(23);

        source.settle(decided(all, Outcome.accept()));

        assertThat(intake.answers(23)).allMatch(answer -> answer.failure() == null);
        assertThat(broker.counts(url)).isEqualTo(EMPTY);
        assertThat(calls.of(DeleteMessageBatchRequest.class))
                .extracting(request -> request.entries().size())
                .containsExactly(10, 10, 3);
    }

    @Test
    void a_released_message_is_visible_at_once_and_counts_as_received() throws Exception {
        String url = broker.newQueue().create();
        send(url, 1);
        Source<SqsReceipt> source = start(source(url));

        source.settle(decided(List.of(intake.next()), Outcome.release()));

        assertThat(intake.answer().failure()).isNull();
        assertThat(intake.next().message().attempt()).isEqualTo(2);
    }

    @Test
    void a_retry_comes_back_after_its_delay_rounded_up() throws Exception {
        String url = broker.newQueue().create();
        send(url, 1);
        Source<SqsReceipt> source = start(source(url));
        Delivery<SqsReceipt> first = intake.next();

        long begin = System.nanoTime();
        source.settle(decided(List.of(first), Outcome.retry(Duration.ofMillis(1_100))));
        Delivery<SqsReceipt> again = intake.next();

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(1_100));
        assertThat(again.message().id()).isEqualTo(first.message().id());
        assertThat(calls.of(ChangeMessageVisibilityBatchRequest.class))
                .singleElement()
                .satisfies(request ->
                        assertThat(request.entries().get(0).visibilityTimeout()).isEqualTo(2));
    }

    @Test
    void a_rejected_message_is_parked_with_its_reason_before_it_is_deleted() throws Exception {
        String parked = broker.newQueue().create();
        String url = broker.newQueue().create();
        broker.client()
                .sendMessage(request -> request.queueUrl(url)
                        .messageBody("poison")
                        .messageAttributes(Map.of(
                                "count",
                                MessageAttributeValue.builder()
                                        .dataType("Number")
                                        .stringValue("7")
                                        .build())));
        SqsSource factory = source(url).deadLetterQueue(name(parked));
        Source<SqsReceipt> source = start(factory);

        source.settle(decided(List.of(intake.next()), Outcome.reject("no such\u0000 order")));

        assertThat(intake.answer().failure()).isNull();
        assertThat(broker.counts(url)).isEqualTo(EMPTY);
        assertThat(broker.client()
                        .receiveMessage(request -> request.queueUrl(parked).messageAttributeNames("All"))
                        .messages())
                .singleElement()
                .satisfies(letter -> {
                    assertThat(letter.body()).isEqualTo("poison");
                    Map<String, String> texts = letter.messageAttributes().entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey, it -> it.getValue().stringValue()));
                    assertThat(texts).isEqualTo(Map.of("count", "7", DeadLetterQueue.REASON, "no such? order"));
                });
        assertThat(factory.capabilities()).contains(Capability.DEAD_LETTER);
    }

    @Test
    void a_rejected_message_whose_dead_letter_is_written_is_only_deleted() throws Exception {
        String parked = broker.newQueue().create();
        String url = broker.newQueue().create();
        send(url, 1);
        Source<SqsReceipt> source = start(source(url).deadLetterQueue(name(parked)));

        source.settle(List.of(new Decided(intake.next(), Outcome.reject("kept elsewhere"), true)));

        assertThat(intake.answer().failure()).isNull();
        assertThat(broker.counts(url)).isEqualTo(EMPTY);
        assertThat(broker.counts(parked)).isEqualTo(EMPTY);
    }

    @Test
    void a_rejected_message_is_deleted_where_the_consumer_keeps_it() throws Exception {
        String url = broker.newQueue().create();
        send(url, 1);
        SqsSource factory = source(url);
        Source<SqsReceipt> source = start(factory);

        source.settle(decided(List.of(intake.next()), Outcome.reject("bad")));

        assertThat(intake.answer().failure()).isNull();
        assertThat(broker.counts(url)).isEqualTo(EMPTY);
        assertThat(factory.capabilities()).doesNotContain(Capability.DEAD_LETTER);
    }

    @Test
    void t25_one_refused_entry_does_not_hurt_the_others_of_its_batch() throws Exception {
        String url = broker.newQueue().create();
        send(url, 3);
        Source<SqsReceipt> source = start(source(url));
        List<Delivery<SqsReceipt>> all = intake.next(3);
        Delivery<SqsReceipt> forged = new Delivery<>(
                all.get(2).message(), new SqsReceipt("forged", System.nanoTime(), Duration.ofMinutes(1)));

        source.settle(decided(List.of(all.get(0), forged, all.get(1)), Outcome.accept()));

        List<Answered> answers = intake.answers(3);
        assertThat(calls.of(DeleteMessageBatchRequest.class)).hasSize(1);
        assertThat(answers.stream().filter(it -> it.failure() == null)).hasSize(2);
        assertThat(answers.stream().filter(it -> it.failure() != null))
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.settlement().delivery()).isSameAs(forged);
                    assertThat(kind(it)).isEqualTo(Failure.Kind.REFUSED);
                });
        assertThat(broker.counts(url)).isEqualTo(new Counts(0, 1, 0));
    }

    @Test
    void fifo_messages_are_released_last_to_first_one_after_another() throws Exception {
        String url = broker.newQueue().fifo().create();
        for (int i = 0; i < 4; i++) {
            String body = "m" + i;
            broker.client()
                    .sendMessage(
                            request -> request.queueUrl(url).messageBody(body).messageGroupId("g"));
        }
        Source<SqsReceipt> source = start(source(url));
        List<Delivery<SqsReceipt>> all = intake.next(4);
        List<Decided> run = new ArrayList<>(decided(all.subList(0, 1), Outcome.accept()));
        run.addAll(decided(all.subList(1, 4), Outcome.release()));

        source.settle(run);
        intake.answers(4);
        List<Delivery<SqsReceipt>> again = intake.next(3);

        assertThat(calls.of(ChangeMessageVisibilityBatchRequest.class))
                .extracting(request ->
                        request.entries().stream().map(it -> it.receiptHandle()).toList())
                .containsExactly(
                        List.of(all.get(3).receipt().handle()),
                        List.of(all.get(2).receipt().handle()),
                        List.of(all.get(1).receipt().handle()));
        assertThat(again).extracting(it -> text(it.message())).containsExactly("m1", "m2", "m3");
    }

    @Test
    void s3_the_stop_waits_for_the_running_receive_and_takes_what_it_brings() throws Exception {
        String url = broker.newQueue().visibility(Duration.ofHours(1)).create();
        Source<SqsReceipt> source = start(source(url).waitTime(Duration.ofSeconds(20)));
        calls.await(ReceiveMessageRequest.class);

        CompletionStage<Void> stopped = source.stopReceiving();
        boolean early = intake.await(stopped, Duration.ofMillis(300));
        send(url, 1);

        assertThat(early).isFalse();
        assertThat(intake.await(stopped, HandIntake.PATIENCE)).isTrue();
        assertThat(intake.offered).hasSize(1);
        assertThat(calls.of(ReceiveMessageRequest.class)).hasSize(1);
    }

    @Test
    void s3_the_stop_of_a_source_without_room_is_confirmed_at_once() throws Exception {
        String url = broker.newQueue().create();
        send(url, 1);
        HandIntake full = new HandIntake(1);
        Source<SqsReceipt> source = source(url).open();
        opened.add(source);
        source.start(full);
        full.next();

        assertThat(full.await(source.stopReceiving(), HandIntake.PATIENCE)).isTrue();
        assertThat(calls.of(ReceiveMessageRequest.class)).hasSize(1);
    }

    @Test
    void s7_what_comes_after_the_stop_is_given_back() throws Exception {
        String url = broker.newQueue().visibility(Duration.ofHours(1)).create();
        Source<SqsReceipt> source = start(source(url));
        calls.await(ReceiveMessageRequest.class);
        intake.refuseOffers();
        CompletionStage<Void> stopped = source.stopReceiving();
        send(url, 1);

        List<Delivery<SqsReceipt>> refused = intake.refused.poll(HandIntake.PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        assertThat(intake.await(stopped, HandIntake.PATIENCE)).isTrue();

        assertThat(refused).hasSize(1);
        assertThat(broker.counts(url)).isEqualTo(new Counts(1, 0, 0));
    }

    @Test
    void s9_receivers_together_ask_for_no_more_than_there_is_room_for() throws Exception {
        String url = broker.newQueue().create();
        send(url, 40);
        HandIntake small = new HandIntake(7);
        Source<SqsReceipt> source = source(url).receivers(4).open();
        opened.add(source);
        source.start(small);

        for (int i = 0; i < 40; i++) {
            source.settle(decided(List.of(small.next()), Outcome.accept()));
            small.finished();
        }

        small.answers(40);
        assertThat(small.mostHeld()).isLessThanOrEqualTo(7);
        assertThat(small.failures).isEmpty();
    }

    @Test
    void extending_tells_what_is_ours_from_what_is_not() throws Exception {
        String url = broker.newQueue().visibility(Duration.ofSeconds(2)).create();
        send(url, 12);
        Source<SqsReceipt> source = start(source(url));
        List<Delivery<SqsReceipt>> all = intake.next(12);
        Delivery<SqsReceipt> deleted = all.get(11);
        broker.client()
                .deleteMessage(request ->
                        request.queueUrl(url).receiptHandle(deleted.receipt().handle()));

        List<Extension> said = source.extend(all).toCompletableFuture().get(30, TimeUnit.SECONDS);

        assertThat(said.subList(0, 11)).containsOnly(Extension.EXTENDED);
        assertThat(said.get(11)).isEqualTo(Extension.LAPSED);
        assertThat(calls.of(ChangeMessageVisibilityBatchRequest.class))
                .extracting(request -> request.entries().size())
                .containsExactly(10, 2);
        assertThat(calls.of(ChangeMessageVisibilityBatchRequest.class))
                .flatExtracting(ChangeMessageVisibilityBatchRequest::entries)
                .allMatch(entry -> entry.visibilityTimeout() == 2);
    }

    @Test
    void t1_close_waits_for_every_answer() throws Exception {
        String url = broker.newQueue().create();
        send(url, 9);
        Source<SqsReceipt> source = start(source(url).waitTime(Duration.ofSeconds(1)));
        List<Delivery<SqsReceipt>> all = intake.next(9);
        source.stopReceiving();

        source.settle(decided(all, Outcome.accept()));
        close(source);

        assertThat(intake.answers).hasSize(9).allMatch(answer -> answer.failure() == null);
        assertThat(broker.counts(url)).isEqualTo(EMPTY);
        assertThat(intake.threadsAlive()).allMatch(thread -> ended(thread));
    }

    @Test
    void what_is_settled_after_close_is_refused_and_what_is_extended_unknown() throws Exception {
        String url = broker.newQueue().create();
        send(url, 1);
        Source<SqsReceipt> source = start(source(url).waitTime(Duration.ofSeconds(1)));
        Delivery<SqsReceipt> held = intake.next();
        close(source);

        source.settle(decided(List.of(held), Outcome.accept()));

        assertThat(kind(intake.answer())).isEqualTo(Failure.Kind.REFUSED);
        assertThat(source.extend(List.of(held)).toCompletableFuture().get(30, TimeUnit.SECONDS))
                .containsExactly(Extension.UNKNOWN);
    }

    @Test
    void a_queue_that_does_not_exist_fails_the_start_by_name() {
        assertThatThrownBy(() -> source("nowhere-to-be-found").open().start(intake))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("queue = \"nowhere-to-be-found\"");
        String url = broker.newQueue().create();
        assertThatThrownBy(() ->
                        source(url).deadLetterQueue("no-letters-here").open().start(intake))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("deadLetterQueue = \"no-letters-here\"");
        assertThat(intake.opened).isEmpty();
    }

    @Test
    void s2_a_start_that_was_overtaken_by_the_stop_opens_no_lane() throws Exception {
        Source<SqsReceipt> source = source(broker.newQueue().create()).open();

        assertThat(intake.await(source.stopReceiving(), Duration.ZERO)).isTrue();
        source.start(intake);
        source.close(HandIntake.PATIENCE);

        assertThat(intake.opened).isEmpty();
        assertThat(intake.threadsAlive()).isEmpty();
    }

    @Test
    void settings_are_refused_with_name_value_and_range() {
        SqsSource source = SqsSource.queue("q");
        assertThatThrownBy(() -> source.receivers(0)).hasMessageContaining("receivers = 0, must be from 1 to 100");
        assertThatThrownBy(() -> source.waitTime(Duration.ofSeconds(21)))
                .hasMessageContaining("waitTime = PT21S, must be whole seconds from PT1S to PT20S");
        assertThatThrownBy(() -> source.visibilityTimeout(Duration.ofMillis(1_500)))
                .hasMessageContaining("visibilityTimeout = PT1.5S");
        assertThatThrownBy(() -> source.deadLetterQueue("q")).hasMessageContaining("deadLetterQueue = \"q\"");
        assertThatThrownBy(() -> SqsSource.queue(" ")).hasMessageContaining("queue = \" \"");
        assertThat(source.defaultLimit(1)).isEqualTo(2);
        assertThat(source.receivers(2).defaultLimit(32)).isEqualTo(52);
        assertThat(SqsSource.queue("q.fifo").defaultLimit(3)).isEqualTo(30);
        assertThat(SqsSource.queue("http://localhost/000000000000/orders").name())
                .isEqualTo("sqs:orders");
    }

    private SqsSource source(String queue) {
        return SqsSource.queue(queue).client(client).waitTime(Duration.ofSeconds(2));
    }

    private Source<SqsReceipt> start(SqsSource factory) throws Exception {
        Source<SqsReceipt> source = factory.open();
        opened.add(source);
        source.start(intake);
        return source;
    }

    private void close(Source<SqsReceipt> source) throws Exception {
        opened.remove(source);
        source.close(HandIntake.PATIENCE);
    }

    private void send(String url, int count) {
        IntStream.range(0, count)
                .forEach(i -> broker.client()
                        .sendMessage(request -> request.queueUrl(url).messageBody("m" + i)));
    }

    private static List<Decided> decided(List<Delivery<SqsReceipt>> all, Outcome outcome) {
        return all.stream().map(it -> new Decided(it, outcome)).toList();
    }

    private static Failure.Kind kind(Answered answer) {
        Failure failure = answer.failure();
        if (failure == null) {
            throw new AssertionError(answer + " was settled");
        }
        return failure.kind();
    }

    private static boolean ended(Thread thread) {
        try {
            thread.join(HandIntake.PATIENCE.toMillis());
            return !thread.isAlive();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Header header(String name, String text, String kind) {
        return new Header(name, text.getBytes(StandardCharsets.UTF_8), kind);
    }

    private static String text(Message<byte[]> message) {
        byte[] body = message.body();
        return body == null ? "" : new String(body, StandardCharsets.UTF_8);
    }

    private static String name(String url) {
        List<String> parts = Arrays.asList(url.split("/", -1));
        return parts.get(parts.size() - 1);
    }
}
