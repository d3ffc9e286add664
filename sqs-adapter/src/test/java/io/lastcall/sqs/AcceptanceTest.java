package io.lastcall.sqs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.ConsumerBuilder;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.MessageHandler;
import io.lastcall.Retry;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.Signals;
import io.lastcall.testkit.broker.SqsBroker;
import io.lastcall.testkit.broker.SqsBroker.Counts;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/**
 * Faults that users of other frameworks have met, by the numbers of the acceptance list, on a real endpoint. Those that need a broker
 * that misbehaves on cue stand in {@link AcceptanceByFakeTest}.
 */
class AcceptanceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration WAIT = Duration.ofSeconds(1);
    // What a drain may take beyond its deadline.
    private static final Duration SLACK = Duration.ofMillis(250);

    private final SqsBroker broker = SqsBroker.shared();
    private final Calls calls = new Calls();
    private final SqsClient client = broker.newClient()
            .overrideConfiguration(it -> it.addExecutionInterceptor(calls))
            .build();
    private final Signals signals = new Signals();

    @AfterEach
    void closeClient() {
        client.close();
    }

    @Test
    void t01_deletes_that_wait_for_others_are_sent_and_answered_before_the_drain_returns() throws Exception {
        String url = broker.newQueue().create();
        send(url, 9);
        CountDownLatch handled = new CountDownLatch(9);
        MessageConsumer consumer = start(source(url).deleteInterval(Duration.ofHours(1)), (message, context) -> {
            handled.countDown();
            return Outcome.accept();
        });
        assertThat(handled.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(calls.of(DeleteMessageBatchRequest.class)).isEmpty();

        DrainReport report = consumer.drain();

        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(report.phases().total()).isLessThan(WAIT.plusSeconds(10));
        assertThat(calls.of(DeleteMessageBatchRequest.class)).hasSize(1);
        assertThat(broker.counts(url)).isEqualTo(new Counts(0, 0, 0));
    }

    @Test
    void t02_a_message_that_comes_while_a_drain_waits_for_the_poll_is_handled() throws Exception {
        DrainSettings patient = DrainSettings.within(Duration.ofMinutes(2));
        String url = broker.newQueue().visibility(Duration.ofHours(1)).create();
        MessageConsumer consumer = builder(
                        source(url).waitTime(Duration.ofSeconds(20)).drain(patient))
                .drain(patient)
                .handle((message, context) -> Outcome.accept())
                .start();
        calls.await(ReceiveMessageRequest.class);

        var drained = consumer.beginDrain(DrainRequest.because("the test"));
        send(url, 1);
        DrainReport report = drained.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(report.counts().accepted()).isEqualTo(1);
        assertThat(broker.counts(url)).isEqualTo(new Counts(0, 0, 0));
    }

    @Test
    void t02_a_poll_that_is_never_answered_is_broken_off_at_the_end_and_the_report_says_so() throws Exception {
        DrainSettings drain = DrainSettings.within(Duration.ofSeconds(4));
        try (SqsBroker own = SqsBroker.start();
                SqsClient observed = own.newClient()
                        .overrideConfiguration(it -> it.addExecutionInterceptor(calls))
                        .build()) {
            String url = own.newQueue().create();
            calls.before = request -> {
                if (request instanceof ReceiveMessageRequest) {
                    own.suspend();
                    signals.fire("frozen");
                }
            };
            long begin = System.nanoTime();
            MessageConsumer consumer = MessageConsumer.from(
                            SqsSource.queue(url).client(observed).waitTime(WAIT).drain(drain))
                    .drain(drain)
                    .dropRejected()
                    .handle((message, context) -> Outcome.accept())
                    .start();
            signals.await("frozen", PATIENCE);
            DrainReport report;
            try {
                report = consumer.drain();
            } finally {
                own.resume();
            }

            assertThat(report.clean()).isFalse();
            assertThat(report.stopConfirmed()).isFalse();
            assertThat(report.describe()).contains("receives broken off, since SQS did not answer: 1");
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isGreaterThan(drain.total().minus(drain.reserveOf(drain.total())));
            assertThat(report.phases().total()).isLessThan(drain.total().plus(SLACK));
        }
    }

    @Test
    void t03_all_that_was_fetched_ahead_is_handled_once_in_a_drain_with_a_deadline() throws Exception {
        String url = broker.newQueue().visibility(Duration.ofHours(1)).create();
        send(url, 60);
        Set<String> handled = ConcurrentHashMap.newKeySet();
        AtomicInteger again = new AtomicInteger();
        MessageHandler<byte[]> handler = (message, context) -> {
            signals.fire("started");
            signals.await("drain", PATIENCE);
            again.addAndGet(handled.add(message.id()) && message.attempt() == 1 ? 0 : 1);
            return Outcome.accept();
        };
        MessageConsumer consumer =
                builder(source(url)).concurrency(4).limit(40).handle(handler).start();
        signals.await("started", PATIENCE);

        var drained = consumer.beginDrain(DrainRequest.because("the test"));
        signals.fire("drain");
        DrainReport report = drained.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(report.counts().accepted()).isEqualTo(report.counts().received());
        assertThat(broker.counts(url)).isEqualTo(new Counts(60 - handled.size(), 0, 0));
        MessageConsumer next = start(source(url), handler);
        while (handled.size() < 60) {
            calls.await(DeleteMessageBatchRequest.class);
        }
        assertThat(next.drain().clean()).isTrue();
        assertThat(again).hasValue(0);
    }

    @Test
    void t12_a_drain_does_not_consume_until_the_queue_is_empty_and_leaves_nothing_in_flight() throws Exception {
        String url = broker.newQueue().visibility(Duration.ofHours(1)).create();
        send(url, 200);
        AtomicInteger handled = new AtomicInteger();
        MessageConsumer consumer = builder(source(url))
                .concurrency(2)
                .limit(10)
                .handle((message, context) -> {
                    if (handled.incrementAndGet() == 20) {
                        signals.fire("busy");
                        signals.await("drain", PATIENCE);
                    }
                    return Outcome.accept();
                })
                .start();
        signals.await("busy", PATIENCE);

        var drained = consumer.beginDrain(DrainRequest.because("the test"));
        signals.fire("drain");
        DrainReport report = drained.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        int started = handled.get();

        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(started).isLessThan(60);
        assertThat(broker.counts(url)).isEqualTo(new Counts(200 - started, 0, 0));
    }

    @Test
    void t13_a_message_in_a_long_back_off_is_given_back_at_once_with_its_count() throws Exception {
        DrainSettings patient = DrainSettings.within(Duration.ofMinutes(2));
        String url = broker.newQueue().visibility(Duration.ofHours(1)).create();
        send(url, 1);
        AtomicInteger started = new AtomicInteger();
        MessageConsumer consumer = builder(source(url).drain(patient))
                .drain(patient)
                .concurrency(1)
                .retry(Retry.fixed(5, Duration.ofMinutes(10)))
                .handle((message, context) -> {
                    if (started.incrementAndGet() == 1) {
                        signals.fire("fails");
                        throw new IllegalStateException("not now");
                    }
                    signals.fire("waits"); // one handler at a time: the first is in back-off by now
                    return Outcome.accept();
                })
                .start();
        signals.await("fails", PATIENCE);
        send(url, 1);
        signals.await("waits", PATIENCE);

        DrainReport report = consumer.drain();

        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(report.counts().released()).isEqualTo(1);
        assertThat(report.phases().total()).isLessThan(Duration.ofMinutes(1));
        assertThat(broker.counts(url)).isEqualTo(new Counts(1, 0, 0));
        Queue<Integer> attempts = new ConcurrentLinkedQueue<>();
        MessageConsumer next = start(source(url), (message, context) -> {
            attempts.add(message.attempt());
            signals.fire("again");
            return Outcome.accept();
        });
        signals.await("again", PATIENCE);
        assertThat(next.drain().clean()).isTrue();
        assertThat(attempts).containsExactly(2);
    }

    @Test
    void t14_a_broker_that_is_gone_between_the_stop_and_the_close_holds_nobody_beyond_the_deadline() throws Exception {
        DrainSettings drain = DrainSettings.within(Duration.ofSeconds(5));
        try (SqsBroker own = SqsBroker.start()) {
            String url = own.newQueue().visibility(Duration.ofMinutes(5)).create();
            own.client().sendMessage(request -> request.queueUrl(url).messageBody("m"));
            MessageConsumer consumer = MessageConsumer.from(SqsSource.queue(url)
                            .client(own.client())
                            .waitTime(WAIT)
                            .drain(drain))
                    .drain(drain)
                    .dropRejected()
                    .handle((message, context) -> {
                        signals.fire("started");
                        signals.await("gone", PATIENCE);
                        return Outcome.accept();
                    })
                    .start();
            signals.await("started", PATIENCE);
            var drained = consumer.beginDrain(DrainRequest.because("the test"));
            var frozen = drained.thenRun(own::resume);
            own.suspend();
            signals.fire("gone");
            DrainReport report = drained.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            frozen.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);

            assertThat(report.counts().unconfirmed())
                    .as("%s", report.describe())
                    .isEqualTo(1);
            assertThat(report.phases().total()).isLessThan(drain.total().plus(SLACK));
        }
    }

    @Test
    void t23_while_one_handler_runs_for_long_other_messages_are_received() throws Exception {
        String url = broker.newQueue().visibility(Duration.ofHours(1)).create();
        send(url, 1);
        CountDownLatch others = new CountDownLatch(50);
        AtomicInteger started = new AtomicInteger();
        MessageConsumer consumer = builder(source(url))
                .concurrency(3)
                .handle((message, context) -> {
                    if (started.incrementAndGet() == 1) {
                        signals.fire("stuck");
                        signals.await("over", PATIENCE);
                    } else {
                        others.countDown();
                    }
                    return Outcome.accept();
                })
                .start();
        signals.await("stuck", PATIENCE);
        send(url, 50);

        assertThat(others.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(signals.fired("over")).isFalse();
        signals.fire("over");
        assertThat(consumer.drain().clean()).isTrue();
        assertThat(broker.counts(url)).isEqualTo(new Counts(0, 0, 0));
    }

    /** Each run of the consumer ends while the message is in back-off; SQS counts the receives, so the tries add up. */
    @Test
    void t24_a_poison_message_does_not_come_for_ever() throws Exception {
        DrainSettings patient = DrainSettings.within(Duration.ofMinutes(2));
        String letters = broker.newQueue().create();
        String url = broker.newQueue()
                .visibility(Duration.ofHours(1))
                .redrive(letters, 20)
                .create();
        send(url, 1);
        Queue<Integer> attempts = new ConcurrentLinkedQueue<>();
        for (int run = 1; run <= 3; run++) {
            String next = "next in run " + run;
            MessageConsumer consumer = MessageConsumer.from(
                            source(url).drain(patient).deadLetterQueueOfRedrivePolicy())
                    .drain(patient)
                    .concurrency(1)
                    .retry(Retry.fixed(3, Duration.ofMinutes(10)))
                    .handle((message, context) -> {
                        if (message.headers().last("good").isPresent()) {
                            signals.fire(next); // one handler at a time: the poison is in back-off by now, or rejected
                            return Outcome.accept();
                        }
                        attempts.add(context.attempt());
                        signals.fire("poisoned " + next);
                        throw new IllegalStateException("poison");
                    })
                    .start();
            signals.await("poisoned " + next, PATIENCE);
            broker.client()
                    .sendMessage(request -> request.queueUrl(url)
                            .messageBody("good")
                            .messageAttributes(Map.of(
                                    "good",
                                    MessageAttributeValue.builder()
                                            .dataType("String")
                                            .stringValue("yes")
                                            .build())));
            signals.await(next, PATIENCE);
            DrainReport report = consumer.drain();
            assertThat(report.counts().unconfirmed())
                    .as("%s", report.describe())
                    .isZero();
        }

        assertThat(attempts).containsExactly(1, 2, 3);
        assertThat(broker.counts(url)).isEqualTo(new Counts(0, 0, 0));
        assertThat(broker.counts(letters)).isEqualTo(new Counts(1, 0, 0));
    }

    private SqsSource source(String url) {
        return SqsSource.queue(url).client(client).waitTime(WAIT);
    }

    private static ConsumerBuilder<byte[]> builder(SqsSource source) {
        return MessageConsumer.from(source).dropRejected();
    }

    private static MessageConsumer start(SqsSource source, MessageHandler<byte[]> handler) {
        return builder(source).handle(handler).start();
    }

    private void send(String url, int count) {
        for (int i = 0; i < count; i++) {
            String body = "m" + i;
            broker.client().sendMessage(request -> request.queueUrl(url).messageBody(body));
        }
    }
}
