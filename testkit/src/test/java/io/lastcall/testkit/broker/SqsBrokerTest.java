package io.lastcall.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.model.Message;

class SqsBrokerTest {

    @Test
    void counts_tell_waiting_from_lent_messages() {
        SqsBroker broker = SqsBroker.shared();
        String url = broker.newQueue().visibility(Duration.ofSeconds(60)).create();
        send(broker, url, "a");
        send(broker, url, "b");
        broker.client()
                .sendMessage(
                        request -> request.queueUrl(url).messageBody("later").delaySeconds(60));

        broker.client().receiveMessage(request -> request.queueUrl(url).maxNumberOfMessages(1));

        assertThat(broker.counts(url)).isEqualTo(new SqsBroker.Counts(1, 1, 1));
    }

    @Test
    void a_message_received_too_often_moves_to_the_other_queue() {
        SqsBroker broker = SqsBroker.shared();
        String dead = broker.newQueue().create();
        String url = broker.newQueue().redrive(dead, 1).create();
        send(broker, url, "poison");

        Message first = broker.client()
                .receiveMessage(request -> request.queueUrl(url))
                .messages()
                .get(0);
        broker.client()
                .changeMessageVisibility(request -> request.queueUrl(url)
                        .receiptHandle(first.receiptHandle())
                        .visibilityTimeout(0));
        broker.client().receiveMessage(request -> request.queueUrl(url));

        assertThat(broker.counts(dead).visible()).isEqualTo(1);
    }

    @Test
    void nobody_may_kill_the_shared_one() {
        SqsBroker broker = SqsBroker.shared();
        assertThatThrownBy(broker::kill9).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void queues_and_messages_of_a_private_one_survive_kill9() {
        try (SqsBroker broker = SqsBroker.start()) {
            String url = broker.newQueue("orders").fifo().create();
            broker.client()
                    .sendMessage(
                            request -> request.queueUrl(url).messageBody("kept").messageGroupId("g"));

            broker.kill9();
            broker.startAgain();

            assertThat(broker.url("orders.fifo")).isEqualTo(url);
            assertThat(broker.client()
                            .receiveMessage(request -> request.queueUrl(url))
                            .messages())
                    .singleElement()
                    .satisfies(message -> assertThat(message.body()).isEqualTo("kept"));
        }
    }

    private static void send(SqsBroker broker, String url, String body) {
        broker.client().sendMessage(request -> request.queueUrl(url).messageBody(body));
    }
}
