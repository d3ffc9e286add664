package io.lastcall.examples.demo;

import io.lastcall.ConsumerBuilder;
import io.lastcall.MessageConsumer;
import io.lastcall.sqs.SqsSource;
import io.lastcall.testkit.broker.SqsBroker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;

/**
 * Orders on a FIFO queue, a message group for each customer, of an SQS broker that is started for this and runs in a process of its own.
 * One thread publishes; else safe for any thread.
 */
final class SqsOrders implements OrderBroker {

    private static final int BATCH = 10;
    // What an unclean drain leaves behind is read back after this.
    private static final Duration VISIBILITY = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final SqsBroker broker;
    private final String orders;
    private final String dead;

    /** Taken, not sent yet; the publishing thread's, then that of {@link #finishPublishing}. */
    private final List<Order> batch = new ArrayList<>();

    /** Who hears of them; as {@link #batch}. */
    private final List<Ledger> ledgers = new ArrayList<>();

    private SqsOrders(SqsBroker broker) {
        this.broker = broker;
        this.orders = broker.newQueue("orders").fifo().visibility(VISIBILITY).create();
        this.dead = broker.newQueue("orders-dead").fifo().create();
    }

    /** Starts the broker and waits until it is ready. */
    static SqsOrders start() {
        SqsBroker broker = SqsBroker.start();
        try {
            return new SqsOrders(broker);
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "sqs";
    }

    @Override
    public String description() {
        return "an SQS broker of its own at " + broker.endpoint() + ", FIFO queue";
    }

    @Override
    public CompletionStage<String> gone() {
        return broker.ended().thenApply(status -> "the SQS broker has ended with status " + status);
    }

    @Override
    public boolean publish(Order order, Ledger ledger) {
        batch.add(order);
        ledgers.add(ledger);
        if (batch.size() == BATCH) {
            send();
        }
        return true;
    }

    @Override
    public void finishPublishing() {
        send();
    }

    private void send() {
        List<Order> sent = List.copyOf(batch);
        List<Ledger> hearing = List.copyOf(ledgers);
        batch.clear();
        ledgers.clear();
        if (sent.isEmpty()) {
            return;
        }
        List<SendMessageBatchRequestEntry> entries = new ArrayList<>();
        for (int i = 0; i < sent.size(); i++) {
            Order order = sent.get(i);
            entries.add(SendMessageBatchRequestEntry.builder()
                    .id(Integer.toString(i))
                    .messageGroupId(order.customer())
                    .messageBody(new String(order.body(), StandardCharsets.UTF_8))
                    .build());
        }
        try {
            SendMessageBatchResponse answer = broker.client()
                    .sendMessageBatch(request -> request.queueUrl(orders).entries(entries));
            answer.successful().forEach(it -> {
                int index = Integer.parseInt(it.id());
                hearing.get(index).published(sent.get(index));
            });
            for (BatchResultErrorEntry failed : answer.failed()) {
                hearing.get(Integer.parseInt(failed.id()))
                        .publishingFailed(new IllegalStateException(failed.code() + " " + failed.message()));
            }
        } catch (SdkException e) {
            hearing.forEach(it -> it.publishingFailed(e));
        }
    }

    @Override
    public ConsumerBuilder<byte[]> subscribe() {
        return MessageConsumer.from(SqsSource.queue(orders)
                .client(broker.client())
                .waitTime(Duration.ofSeconds(1))
                .drain(Demo.drain())
                .deadLetterQueue(dead));
    }

    @Override
    public Map<String, AutoCloseable> resources() {
        return Map.of();
    }

    @Override
    public Evidence readBack() {
        return new Evidence(take(orders), take(dead));
    }

    /** What the queue counts, invisible for now or not, is received and deleted until there is so much. */
    private List<Integer> take(String queue) {
        SqsBroker.Counts counts = broker.counts(queue);
        int expected = counts.visible() + counts.inFlight() + counts.delayed();
        List<Integer> taken = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (taken.size() < expected) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException("of " + expected + " messages in " + queue + ", only " + taken.size()
                        + " could be read back within " + PATIENCE);
            }
            List<Message> messages = broker.client()
                    .receiveMessage(request ->
                            request.queueUrl(queue).maxNumberOfMessages(BATCH).waitTimeSeconds(2))
                    .messages();
            if (messages.isEmpty()) {
                continue;
            }
            broker.client()
                    .deleteMessageBatch(request -> request.queueUrl(queue)
                            .entries(messages.stream()
                                    .map(it -> DeleteMessageBatchRequestEntry.builder()
                                            .id(Integer.toString(messages.indexOf(it)))
                                            .receiptHandle(it.receiptHandle())
                                            .build())
                                    .toList()));
            messages.forEach(it -> taken.add(
                    Order.read(it.body().getBytes(StandardCharsets.UTF_8)).id()));
        }
        return taken;
    }

    @Override
    public String whereAvailable() {
        return "in the queue";
    }

    @Override
    public void close() {
        broker.close();
    }
}
