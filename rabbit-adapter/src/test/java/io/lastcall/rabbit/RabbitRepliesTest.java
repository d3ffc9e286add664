package io.lastcall.rabbit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import io.lastcall.MessageConsumer;
import io.lastcall.message.Header;
import io.lastcall.message.Headers;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.RabbitBroker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RabbitRepliesTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    private final RabbitBroker broker = RabbitBroker.shared();

    private static AmqpMessage request(AMQP.BasicProperties properties) {
        return new AmqpMessage("work", "channel", new Envelope(1, false, "", "work"), properties, new byte[0]);
    }

    @Test
    void a_reply_goes_to_the_queue_that_asked_with_its_correlation_id() throws Exception {
        String back = broker.classicQueue(broker.newName("back"));
        try (RabbitReplies replies = RabbitReplies.open(broker.connectionFactory())) {
            AMQP.BasicProperties.Builder asked = new AMQP.BasicProperties.Builder().replyTo(back);
            replies.reply(
                            request(asked.correlationId("c-1").messageId("m-1").build()),
                            "one".getBytes(UTF_8),
                            Headers.of(Header.of("status", "done")))
                    .toCompletableFuture()
                    .get(SOON.toSeconds(), TimeUnit.SECONDS);
            replies.reply(request(asked.correlationId(null).build()), "two".getBytes(UTF_8))
                    .toCompletableFuture()
                    .get(SOON.toSeconds(), TimeUnit.SECONDS);
            var all = broker.take(back);
            assertThat(all).extracting(it -> new String(it.getBody(), UTF_8)).containsExactly("one", "two");
            assertThat(all)
                    .extracting(GetResponse::getProps)
                    .extracting(AMQP.BasicProperties::getCorrelationId)
                    .containsExactly("c-1", "m-1");
            assertThat(String.valueOf(all.get(0).getProps().getHeaders().get("status")))
                    .isEqualTo("done");
        } finally {
            broker.delete(back);
        }
    }

    @Test
    void a_message_that_asks_for_none_cannot_be_answered_and_a_header_of_that_name_is_no_request() {
        AmqpMessage none = request(new AMQP.BasicProperties.Builder()
                .headers(Map.of("reply-to", "elsewhere"))
                .build());
        assertThat(RabbitReplies.replyTo(none)).isEmpty();
        try (RabbitReplies replies = RabbitReplies.open(broker.connectionFactory())) {
            assertThatThrownBy(() -> replies.reply(none, new byte[0])).hasMessageContaining("no reply-to");
        }
    }

    @Test
    void a_reply_that_nobody_waits_for_fails() {
        try (RabbitReplies replies = RabbitReplies.open(broker.connectionFactory())) {
            var late = replies.reply(
                            request(new AMQP.BasicProperties.Builder()
                                    .replyTo("gone")
                                    .build()),
                            new byte[0])
                    .toCompletableFuture();
            assertThatThrownBy(() -> late.get(SOON.toSeconds(), TimeUnit.SECONDS))
                    .hasMessageContaining("NO_ROUTE");
        }
    }

    @Test
    void a_handler_answers_a_direct_request_before_it_accepts() throws Exception {
        String work = broker.classicQueue(broker.newName("work"));
        try (RabbitReplies replies = RabbitReplies.open(broker.connectionFactory());
                Connection connection = broker.connectionFactory().newConnection();
                Channel channel = connection.createChannel()) {
            MessageConsumer consumer = MessageConsumer.from(
                            RabbitSource.queue(work).connection(broker.connectionFactory()))
                    .dropRejected()
                    .handle((message, context) -> {
                        replies.reply(message, "pong".getBytes(UTF_8))
                                .toCompletableFuture()
                                .get(SOON.toSeconds(), TimeUnit.SECONDS);
                        return Outcome.accept();
                    })
                    .start();
            CompletableFuture<Delivery> answer = new CompletableFuture<>();
            channel.basicConsume(
                    "amq.rabbitmq.reply-to", true, (tag, delivery) -> answer.complete(delivery), tag -> {});
            channel.basicPublish(
                    "",
                    work,
                    new AMQP.BasicProperties.Builder()
                            .replyTo("amq.rabbitmq.reply-to")
                            .correlationId("c-2")
                            .build(),
                    "ping".getBytes(UTF_8));
            Delivery got = answer.get(SOON.toSeconds(), TimeUnit.SECONDS);
            assertThat(got.getBody()).isEqualTo("pong".getBytes(UTF_8));
            assertThat(got.getProperties().getCorrelationId()).isEqualTo("c-2");
            assertThat(consumer.drain().counts().accepted()).isEqualTo(1);
        } finally {
            broker.delete(work);
        }
    }
}
