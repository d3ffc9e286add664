package io.lastcall.rabbit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import io.lastcall.DrainReport;
import io.lastcall.MessageConsumer;
import io.lastcall.Retry;
import io.lastcall.message.DeadLetter;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.RabbitBroker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RabbitDeadLettersTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final RabbitBroker broker = RabbitBroker.shared();

    private static DeadLetter letter(String queue, AMQP.BasicProperties properties) {
        AmqpMessage message = new AmqpMessage(
                queue, "channel", new Envelope(7, false, "", queue), properties, "body".getBytes(UTF_8));
        return new DeadLetter(message, "broken", new IllegalStateException("why"), 3, "orders");
    }

    private static void written(CompletableFuture<Void> letter) throws Exception {
        letter.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void a_letter_is_the_message_with_why_it_was_given_up() throws Exception {
        String queue = broker.newName("letters");
        String dead = broker.classicQueue(queue + ".dead");
        String copy = broker.classicQueue(broker.newName("copy"));
        AMQP.BasicProperties received = new AMQP.BasicProperties.Builder()
                .messageId("id-1")
                .contentType("text/plain")
                .expiration("1")
                .userId("somebody")
                .headers(Map.of("tenant", 7, "CC", List.of(copy), "x-delivery-count", 2))
                .build();
        try (RabbitDeadLetters letters = RabbitDeadLetters.open(broker.connectionFactory())) {
            written(letters.write(letter(queue, received)).toCompletableFuture());
            List<GetResponse> all = broker.take(dead);
            assertThat(all).hasSize(1);
            AMQP.BasicProperties kept = all.get(0).getProps();
            assertThat(all.get(0).getBody()).isEqualTo("body".getBytes(UTF_8));
            assertThat(kept.getMessageId()).isEqualTo("id-1");
            assertThat(kept.getContentType()).isEqualTo("text/plain");
            assertThat(kept.getDeliveryMode()).isEqualTo(2);
            assertThat(kept.getExpiration()).isNull();
            assertThat(kept.getHeaders()).containsEntry("tenant", 7).doesNotContainKeys("CC", "x-delivery-count");
            assertThat(text(kept, "reason")).isEqualTo("broken");
            assertThat(text(kept, "cause-message")).isEqualTo("why");
            assertThat(text(kept, "attempts")).isEqualTo("3");
            assertThat(text(kept, "consumer")).isEqualTo("orders");
            assertThat(text(kept, "source")).isEqualTo(queue);
            assertThat(broker.ready(copy)).isZero();
        } finally {
            broker.delete(dead);
            broker.delete(copy);
        }
    }

    private static String text(AMQP.BasicProperties properties, String name) {
        return String.valueOf(properties.getHeaders().get(RabbitDeadLetters.PREFIX + name));
    }

    @Test
    void a_letter_that_no_queue_takes_is_not_written_and_the_next_one_is() throws Exception {
        String dead = broker.classicQueue(broker.newName("dead"));
        try (RabbitDeadLetters letters = RabbitDeadLetters.open(
                broker.connectionFactory(), "", source -> source.equals("lost") ? "nowhere" : dead, SOON)) {
            var lost = letters.write(letter("lost", new AMQP.BasicProperties())).toCompletableFuture();
            var kept = letters.write(letter("kept", new AMQP.BasicProperties())).toCompletableFuture();
            written(kept);
            assertThatThrownBy(() -> written(lost))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("nowhere")
                    .hasMessageContaining("NO_ROUTE");
            assertThat(broker.ready(dead)).isEqualTo(1);
        } finally {
            broker.delete(dead);
        }
    }

    @Test
    void a_letter_that_amqp_cannot_say_fails_alone() throws Exception {
        String dead = broker.classicQueue(broker.newName("dead"));
        AtomicInteger connections = new AtomicInteger();
        ConnectionFactory factory = broker.connectionFactory();
        factory.setSocketConfigurator(socket -> connections.incrementAndGet());
        try (RabbitDeadLetters letters = RabbitDeadLetters.open(factory, dead)) {
            written(letters.write(letter("any", new AMQP.BasicProperties())).toCompletableFuture());
            AMQP.BasicProperties longName = new AMQP.BasicProperties.Builder()
                    .headers(Map.of("x".repeat(300), "value"))
                    .build();
            AMQP.BasicProperties muchText = new AMQP.BasicProperties.Builder()
                    .headers(Map.of("text", "x".repeat(200_000)))
                    .build();
            var tooLong = letters.write(letter("any", longName)).toCompletableFuture();
            var tooMuch = letters.write(letter("any", muchText)).toCompletableFuture();
            written(letters.write(letter("any", new AMQP.BasicProperties())).toCompletableFuture());

            assertThatThrownBy(() -> written(tooLong)).hasMessageContaining("Short string too long");
            assertThatThrownBy(() -> written(tooMuch)).hasMessageContaining("headers of");
            assertThat(broker.ready(dead)).isEqualTo(2);
            assertThat(connections).hasValue(1);
        } finally {
            broker.delete(dead);
        }
    }

    @Test
    void a_missing_exchange_fails_its_letter_and_the_channel_comes_back() throws Exception {
        try (RabbitDeadLetters letters =
                RabbitDeadLetters.open(broker.connectionFactory(), "no-such-exchange", it -> it, SOON)) {
            for (int i = 0; i < 2; i++) {
                var lost =
                        letters.write(letter("any", new AMQP.BasicProperties())).toCompletableFuture();
                assertThatThrownBy(() -> written(lost)).hasMessageContaining("404 NOT_FOUND");
            }
        }
    }

    @Test
    void after_the_close_nothing_is_written() {
        RabbitDeadLetters letters = RabbitDeadLetters.open(broker.connectionFactory(), "any");
        letters.close();
        letters.close();
        var late = letters.write(letter("any", new AMQP.BasicProperties())).toCompletableFuture();
        assertThatThrownBy(() -> written(late)).hasMessageContaining("closed");
    }

    @Test
    void a_rejected_message_is_acknowledged_only_when_its_letter_is_kept() throws Exception {
        String queue = broker.classicQueue(broker.newName("work"));
        String dead = queue + ".dead";
        broker.publish(queue, List.of("m0"));
        CountDownLatch tries = new CountDownLatch(2);
        try (RabbitDeadLetters letters = RabbitDeadLetters.open(broker.connectionFactory());
                MessageConsumer consumer = MessageConsumer.from(
                                RabbitSource.queue(queue).connection(broker.connectionFactory()))
                        .deadLetters(letter -> {
                            tries.countDown();
                            return letters.write(letter);
                        })
                        .retry(Retry.never())
                        .handle((message, context) -> Outcome.reject("never"))
                        .start()) {
            // The first try was returned; the message stays ours until there is a queue for its letter.
            assertThat(tries.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(consumer.snapshot().counts().rejected()).isZero();
            assertThat(broker.unacknowledged(queue)).isEqualTo(1);
            broker.classicQueue(dead);
            await().atMost(SOON).until(() -> broker.ready(dead) == 1);
            DrainReport report = consumer.drain();
            assertThat(report.counts().rejected()).as("%s", report.describe()).isEqualTo(1);
            assertThat(report.dropped()).isZero();
            assertThat(broker.ready(queue) + broker.unacknowledged(queue)).isZero();
        } finally {
            broker.delete(queue);
            broker.delete(dead);
        }
    }

    @Test
    void a_blocked_server_holds_letters_until_it_goes_on_and_a_lost_one_fails_them() throws Exception {
        try (RabbitBroker mine = RabbitBroker.start();
                RabbitDeadLetters letters = RabbitDeadLetters.open(mine.connectionFactory(), "dead");
                RabbitDeadLetters hasty =
                        RabbitDeadLetters.open(mine.connectionFactory(), "", it -> "dead", Duration.ofSeconds(3))) {
            mine.classicQueue("dead");
            written(letters.write(letter("first", new AMQP.BasicProperties())).toCompletableFuture());
            mine.memoryAlarm(true);
            awaitBlocked(mine);
            // The server tells who publishes; what was sent before is read later, what comes after waits here.
            var sent = letters.write(letter("sent", new AMQP.BasicProperties())).toCompletableFuture();
            var waits =
                    letters.write(letter("waits", new AMQP.BasicProperties())).toCompletableFuture();
            var late = hasty.write(letter("late", new AMQP.BasicProperties())).toCompletableFuture();
            assertThatThrownBy(() -> written(late))
                    .hasMessageContaining("not confirmed within PT3S")
                    .hasMessageContaining("blocked publishers");
            assertThat(sent).isNotDone();
            assertThat(waits).isNotDone();
            mine.memoryAlarm(false);
            written(sent);
            written(waits);
            mine.suspend();
            var lost = letters.write(letter("lost", new AMQP.BasicProperties())).toCompletableFuture();
            mine.kill9();
            assertThatThrownBy(() -> written(lost)).hasMessageContaining("to queue dead");
        }
    }

    /** The alarm reaches connections a moment after it was raised: waits until it has reached one that publishes. */
    private static void awaitBlocked(RabbitBroker broker) throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        Connection connection = broker.connectionFactory().newConnection();
        try {
            connection.addBlockedListener(reason -> blocked.countDown(), () -> {});
            connection.createChannel().basicPublish("", "nobody", new AMQP.BasicProperties(), new byte[0]);
            assertThat(blocked.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            connection.abort(1_000); // a blocked server does not read that it is to close
        }
    }
}
