package io.lastcall.sqs;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lastcall.message.Header;
import io.lastcall.message.Headers;
import io.lastcall.spi.SourceFactory;
import io.lastcall.testkit.broker.SqsBroker;
import io.lastcall.testkit.broker.SqsBroker.NewQueue;
import io.lastcall.testkit.contract.BrokerFixture;
import io.lastcall.testkit.contract.Destination;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;

/** An SQS endpoint of its own for the contract: one queue for each case. */
final class SqsFixture implements BrokerFixture {

    private static final Duration VISIBILITY = Duration.ofSeconds(6);

    private final SqsBroker broker = SqsBroker.start();
    private final boolean fifo;
    // The cases' one thread.
    private boolean dead;

    SqsFixture(boolean fifo) {
        this.fifo = fifo;
    }

    @Override
    public Destination create(String name) {
        NewQueue queue = broker.newQueue(name).visibility(VISIBILITY);
        return new Queue((fifo ? queue.fifo() : queue).create());
    }

    @Override
    public boolean freeRelease() {
        return false;
    }

    @Override
    public boolean repeatsHeaders() {
        return false;
    }

    @Override
    public int largestBody() {
        return 250_000;
    }

    @Override
    public Duration leaseLasts() {
        return VISIBILITY;
    }

    @Override
    public Duration comesBackWithin() {
        return VISIBILITY.plusSeconds(9);
    }

    @Override
    public void cut() {
        broker.kill9();
        dead = true;
    }

    @Override
    public void mend() {
        if (dead) {
            dead = false;
            broker.startAgain();
        }
    }

    @Override
    public void close() {
        broker.close();
    }

    private final class Queue implements Destination {

        private final String url;

        Queue(String url) {
            this.url = url;
        }

        @Override
        public void publish(String key, String body) {
            broker.client().sendMessage(request -> {
                request.queueUrl(url).messageBody(body);
                if (fifo) {
                    request.messageGroupId(key);
                }
            });
        }

        @Override
        public void publish(String key, byte[] body, Headers headers) {
            Map<String, MessageAttributeValue> attributes = new HashMap<>();
            headers.forEach(header -> attributes.put(header.name(), attribute(header)));
            broker.client().sendMessage(request -> {
                request.queueUrl(url).messageBody(new String(body, UTF_8)).messageAttributes(attributes);
                if (fifo) {
                    request.messageGroupId(key);
                }
            });
        }

        private static MessageAttributeValue attribute(Header header) {
            byte[] value = Objects.requireNonNull(header.value());
            return header.kind().equals(Header.TEXT)
                    ? MessageAttributeValue.builder()
                            .dataType("String")
                            .stringValue(new String(value, UTF_8))
                            .build()
                    : MessageAttributeValue.builder()
                            .dataType("Binary")
                            .binaryValue(SdkBytes.fromByteArray(value))
                            .build();
        }

        @Override
        public SourceFactory<?> source() {
            return SqsSource.queue(url).client(broker.client()).waitTime(Duration.ofSeconds(1));
        }

        @Override
        public List<String> takeAvailable(int expected, Duration atMost) {
            long end = System.nanoTime() + atMost.toNanos();
            List<String> taken = new ArrayList<>();
            while (taken.size() < expected && System.nanoTime() < end) {
                taken.addAll(take(1));
            }
            taken.addAll(take(0));
            return taken;
        }

        private List<String> take(int waitSeconds) {
            List<Message> messages = broker.client()
                    .receiveMessage(request ->
                            request.queueUrl(url).maxNumberOfMessages(10).waitTimeSeconds(waitSeconds))
                    .messages();
            for (Message message : messages) {
                broker.client().deleteMessage(request -> request.queueUrl(url).receiptHandle(message.receiptHandle()));
            }
            return messages.stream().map(Message::body).toList();
        }

        @Override
        public void close() {
            broker.deleteQueue(url);
        }
    }
}
