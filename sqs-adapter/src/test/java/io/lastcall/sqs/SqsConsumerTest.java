package io.lastcall.sqs;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.ConsumerBuilder;
import io.lastcall.DrainReport;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.SqsBroker;
import io.lastcall.testkit.broker.SqsBroker.Counts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/** What a user of the source sees, with the real engine and a real SQS endpoint. */
class SqsConsumerTest {

    private final SqsBroker broker = SqsBroker.shared();
    private final Calls calls = new Calls();
    private final SqsClient client = broker.newClient()
            .overrideConfiguration(it -> it.addExecutionInterceptor(calls))
            .build();

    @AfterEach
    void closeClient() {
        client.close();
    }

    @Test
    void an_idle_consumer_drains_clean_with_all_defaults() throws Exception {
        MessageConsumer consumer = consumer(
                        SqsSource.queue(broker.newQueue().create()).client(client))
                .handle((message, context) -> Outcome.accept())
                .start();
        calls.await(ReceiveMessageRequest.class);

        DrainReport report = consumer.drain();

        assertThat(report.clean()).as("%s", report.describe()).isTrue();
    }

    @Test
    void h11_a_message_stays_ours_for_as_long_as_its_handler_runs() throws Exception {
        Duration lease = Duration.ofSeconds(2);
        String url = broker.newQueue().visibility(lease).create();
        AtomicInteger starts = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(1);
        MessageConsumer consumer = consumer(source(url))
                .concurrency(4)
                .handle((message, context) -> {
                    starts.incrementAndGet();
                    for (int thirds = 0; thirds < 6; thirds++) {
                        calls.await(ChangeMessageVisibilityBatchRequest.class);
                    }
                    done.countDown();
                    return Outcome.accept();
                })
                .start();
        broker.client().sendMessage(request -> request.queueUrl(url).messageBody("slow"));

        assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
        DrainReport report = consumer.drain();

        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(starts).hasValue(1);
        assertThat(broker.counts(url)).isEqualTo(new Counts(0, 0, 0));
    }

    @Test
    void h11_a_handled_message_stays_ours_until_its_delete_is_answered() throws Exception {
        String url = broker.newQueue().visibility(Duration.ofSeconds(2)).create();
        AtomicInteger starts = new AtomicInteger();
        MessageConsumer consumer = consumer(source(url).deleteInterval(Duration.ofHours(1)))
                .handle((message, context) -> {
                    starts.incrementAndGet();
                    return Outcome.accept();
                })
                .start();
        broker.client().sendMessage(request -> request.queueUrl(url).messageBody("quick"));

        for (int thirds = 0; thirds < 6; thirds++) {
            calls.await(ChangeMessageVisibilityBatchRequest.class);
        }
        DrainReport report = consumer.drain();

        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(starts).hasValue(1);
        assertThat(broker.counts(url)).isEqualTo(new Counts(0, 0, 0));
    }

    @Test
    void a_fifo_queue_keeps_the_order_of_each_group_and_groups_run_beside_each_other() throws Exception {
        String url = broker.newQueue().fifo().create();
        int groups = 3;
        int each = 8;
        for (int i = 0; i < each; i++) {
            for (int group = 0; group < groups; group++) {
                String name = "g" + group;
                String body = name + "-" + i;
                broker.client()
                        .sendMessage(request ->
                                request.queueUrl(url).messageBody(body).messageGroupId(name));
            }
        }
        Map<String, List<String>> seen = new ConcurrentHashMap<>();
        CountDownLatch beside = new CountDownLatch(groups);
        CountDownLatch done = new CountDownLatch(groups * each);
        MessageConsumer consumer = consumer(source(url))
                .concurrency(groups)
                .ordering(Ordering.byKey())
                .handle((message, context) -> {
                    seen.computeIfAbsent(group(message), it -> new ArrayList<>())
                            .add(text(message.body()));
                    beside.countDown();
                    if (!beside.await(20, TimeUnit.SECONDS)) {
                        throw new IllegalStateException("the groups do not run beside each other");
                    }
                    done.countDown();
                    return Outcome.accept();
                })
                .start();

        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        DrainReport report = consumer.drain();

        assertThat(report.clean()).as("%s", report.describe()).isTrue();
        assertThat(seen).hasSize(groups);
        seen.forEach((group, bodies) -> assertThat(bodies)
                .containsExactly(
                        group + "-0",
                        group + "-1",
                        group + "-2",
                        group + "-3",
                        group + "-4",
                        group + "-5",
                        group + "-6",
                        group + "-7"));
        assertThat(broker.counts(url)).isEqualTo(new Counts(0, 0, 0));
    }

    private SqsSource source(String url) {
        return SqsSource.queue(url).client(client).waitTime(Duration.ofSeconds(1));
    }

    private static ConsumerBuilder<byte[]> consumer(SqsSource source) {
        return MessageConsumer.from(source).dropRejected();
    }

    private static String group(Message<byte[]> message) {
        return text(message.key());
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }
}
