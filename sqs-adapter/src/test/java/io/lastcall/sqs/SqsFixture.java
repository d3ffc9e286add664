package io.lastcall.sqs;

import io.lastcall.spi.SourceFactory;
import io.lastcall.testkit.broker.SqsBroker;
import io.lastcall.testkit.broker.SqsBroker.NewQueue;
import io.lastcall.testkit.contract.BrokerFixture;
import io.lastcall.testkit.contract.Destination;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.sqs.model.Message;

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
        public SourceFactory<?> source() {
            return SqsSource.queue(url).client(broker.client()).waitTime(Duration.ofSeconds(1));
        }

        @Override
        public List<String> takeAvailable(int expected, Duration atMost) {
            long end = System.nanoTime() + atMost.toNanos();
            List<String> taken = new ArrayList<>();
            while (taken.size() < expected && System.nanoTime() < end) {
                taken.addAll(take());
            }
            taken.addAll(take());
            return taken;
        }

        private List<String> take() {
            List<Message> messages = broker.client()
                    .receiveMessage(request ->
                            request.queueUrl(url).maxNumberOfMessages(10).waitTimeSeconds(1))
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
