package io.lastcall.testkit.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RabbitBrokerTest {

    @Test
    void what_is_published_is_there_to_be_taken() {
        RabbitBroker broker = RabbitBroker.shared();
        String queue = broker.classicQueue(broker.newName("plain"));

        broker.publish(queue, List.of("a", "b"));

        assertThat(broker.ready(queue)).isEqualTo(2);
        assertThat(broker.take(queue))
                .extracting(GetResponse::getBody)
                .containsExactly("a".getBytes(UTF_8), "b".getBytes(UTF_8));
        assertThat(broker.ready(queue)).isZero();
        broker.delete(queue);
    }

    @Test
    void what_is_held_by_a_consumer_is_counted() throws Exception {
        RabbitBroker broker = RabbitBroker.shared();
        String queue = broker.classicQueue(broker.newName("held"));
        broker.publish(queue, List.of("a", "b", "c"));

        try (Connection connection = broker.connectionFactory().newConnection();
                Channel channel = connection.createChannel()) {
            channel.basicQos(2);
            CountDownLatch came = new CountDownLatch(2);
            channel.basicConsume(queue, (tag, delivery) -> came.countDown(), tag -> {});
            assertThat(came.await(30, TimeUnit.SECONDS)).isTrue();

            assertThat(broker.unacknowledged(queue)).isEqualTo(2);
            assertThat(broker.ready(queue)).isEqualTo(1);
            assertThat(broker.consumers(queue)).isEqualTo(1);
        }
        broker.delete(queue);
    }

    @Test
    void what_is_rejected_goes_to_the_dead_letters() throws Exception {
        RabbitBroker broker = RabbitBroker.shared();
        String dead = broker.newName("dead");
        String queue = broker.deadLetteringQueue(broker.newName("work"), dead);
        broker.publish(
                "", queue, new AMQP.BasicProperties.Builder().messageId("m1").build(), "a".getBytes(UTF_8));

        try (Connection connection = broker.connectionFactory().newConnection();
                Channel channel = connection.createChannel()) {
            GetResponse got = channel.basicGet(queue, false);
            channel.basicReject(got.getEnvelope().getDeliveryTag(), false);
        }

        assertThat(broker.take(dead))
                .extracting(it -> it.getProps().getMessageId())
                .containsExactly("m1");
        broker.delete(queue);
        broker.delete(dead);
    }

    @Test
    void a_quorum_queue_counts_deliveries() throws Exception {
        RabbitBroker broker = RabbitBroker.shared();
        String queue = broker.quorumQueue(broker.newName("counted"));
        broker.publish(queue, List.of("a"));

        try (Connection connection = broker.connectionFactory().newConnection();
                Channel channel = connection.createChannel()) {
            GetResponse got = channel.basicGet(queue, false);
            channel.basicReject(got.getEnvelope().getDeliveryTag(), true);
        }

        assertThat(broker.take(queue))
                .extracting(it -> it.getProps().getHeaders().get("x-delivery-count"))
                .containsExactly(1L);
        broker.delete(queue);
    }

    @Test
    void the_shared_server_cannot_be_killed() {
        assertThatThrownBy(() -> RabbitBroker.shared().kill9())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("RabbitBroker.start()");
    }

    @Test
    void a_private_server_comes_back_with_its_data_after_stop_and_kill9() {
        try (RabbitBroker broker = RabbitBroker.start()) {
            String queue = broker.classicQueue("kept");
            broker.stop();
            broker.startAgain();
            broker.publish(queue, List.of("a"));
            String version = broker.version();

            broker.kill9();
            assertThatThrownBy(broker::version).isInstanceOf(RuntimeException.class);
            broker.startAgain();

            assertThat(broker.version()).isEqualTo(version);
            assertThat(broker.take(queue)).hasSize(1);
        }
    }
}
