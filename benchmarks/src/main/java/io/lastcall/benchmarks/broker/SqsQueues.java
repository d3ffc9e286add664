package io.lastcall.benchmarks.broker;

import io.lastcall.ConsumerBuilder;
import io.lastcall.MessageConsumer;
import io.lastcall.sqs.SqsSource;
import io.lastcall.testkit.broker.SqsBroker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;

/** Standard queues of SQS. The endpoint keeps messages in memory, or is the one that was given from outside. */
final class SqsQueues implements Queues {

    private static final int BATCH = 10;
    private static final Duration VISIBILITY = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final SqsBroker broker = SqsBroker.shared();
    private final LongAdder ourRequests = new LongAdder();
    private final LongAdder bareRequests = new LongAdder();
    private final SqsClient ourClient = counting(ourRequests);
    private final SqsClient bareClient = counting(bareRequests);
    private final int waitSeconds;

    /**
     * No queue yet.
     *
     * @param waitSeconds how long a receive waits for a first message
     */
    SqsQueues(int waitSeconds) {
        this.waitSeconds = waitSeconds;
    }

    private SqsClient counting(LongAdder requests) {
        return broker.newClient()
                .overrideConfiguration(it -> it.addExecutionInterceptor(new ExecutionInterceptor() {
                    @Override
                    public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
                        requests.increment();
                    }
                }))
                .build();
    }

    @Override
    public String fill(int messages) throws Exception {
        String queue = broker.newQueue().visibility(VISIBILITY).create();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<?>> batches = new ArrayList<>();
        for (int from = 0; from < messages; from += BATCH) {
            List<SendMessageBatchRequestEntry> batch = IntStream.range(from, Math.min(messages, from + BATCH))
                    .mapToObj(number -> SendMessageBatchRequestEntry.builder()
                            .id(Integer.toString(number))
                            .messageBody(Queues.body(number))
                            .build())
                    .toList();
            batches.add(threads.submit(() -> broker.client()
                    .sendMessageBatch(it -> it.queueUrl(queue).entries(batch))
                    .failed()
                    .forEach(failed -> {
                        throw new IllegalStateException(failed.message());
                    })));
        }
        for (Future<?> batch : batches) {
            batch.get();
        }
        threads.shutdown();
        return queue;
    }

    @Override
    public ConsumerBuilder<byte[]> ours(String queue, int handlers) {
        return MessageConsumer.from(SqsSource.queue(queue)
                        .client(ourClient)
                        .receivers(receivers(handlers))
                        .waitTime(Duration.ofSeconds(waitSeconds)))
                .name("bench")
                .concurrency(handlers)
                .dropRejected();
    }

    private static int receivers(int handlers) {
        return (handlers + BATCH - 1) / BATCH;
    }

    /** Loops that receive ten, handle them at once, and delete them in one request. */
    @Override
    public AutoCloseable bare(String queue, int handlers, Work work) {
        BareLoops loops = new BareLoops();
        for (int i = 0; i < receivers(handlers); i++) {
            loops.add(() -> {
                List<Message> batch = bareClient
                        .receiveMessage(it ->
                                it.queueUrl(queue).maxNumberOfMessages(BATCH).waitTimeSeconds(waitSeconds))
                        .messages();
                loops.atOnce(batch.stream()
                        .map(message -> (BareLoops.Step) () -> work.on(number(message)))
                        .toList());
                if (!batch.isEmpty()) {
                    delete(bareClient, queue, batch);
                }
            });
        }
        return loops;
    }

    private static int number(Message message) {
        return Queues.number(message.body().getBytes(StandardCharsets.US_ASCII));
    }

    private static void delete(SqsClient client, String queue, List<Message> batch) {
        List<DeleteMessageBatchRequestEntry> entries = batch.stream()
                .map(message -> DeleteMessageBatchRequestEntry.builder()
                        .id(message.messageId())
                        .receiptHandle(message.receiptHandle())
                        .build())
                .toList();
        client.deleteMessageBatch(it -> it.queueUrl(queue).entries(entries));
    }

    @Override
    public long left(String queue) {
        SqsBroker.Counts counts = broker.counts(queue);
        return (long) counts.visible() + counts.inFlight() + counts.delayed();
    }

    @Override
    public List<Integer> takeRest(String queue) {
        List<Integer> numbers = new ArrayList<>();
        long begun = System.nanoTime();
        while (left(queue) > 0) {
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw new IllegalStateException("queue " + queue + " could not be emptied within " + PATIENCE);
            }
            List<Message> batch = broker.client()
                    .receiveMessage(
                            it -> it.queueUrl(queue).maxNumberOfMessages(BATCH).waitTimeSeconds(1))
                    .messages();
            if (!batch.isEmpty()) {
                batch.forEach(message -> numbers.add(number(message)));
                delete(broker.client(), queue, batch);
            }
        }
        return numbers;
    }

    @Override
    public Map<String, Number> figures(long messagesOfEach) {
        Map<String, Number> figures = new LinkedHashMap<>();
        figures.put("requestsPerMessage", (double) ourRequests.sum() / messagesOfEach);
        figures.put("bareRequestsPerMessage", (double) bareRequests.sum() / messagesOfEach);
        return figures;
    }

    @Override
    public void close() {
        ourClient.close();
        bareClient.close();
    }
}
