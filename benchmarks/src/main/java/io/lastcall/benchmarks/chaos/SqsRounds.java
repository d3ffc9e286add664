package io.lastcall.benchmarks.chaos;

import io.lastcall.ConsumerBuilder;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.sqs.SqsSource;
import io.lastcall.testkit.broker.SqsBroker;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.SendMessageBatchResponse;

/** Rounds on SQS: a queue each, whose visibility time-out is the session. */
final class SqsRounds implements ChaosBroker {

    private static final int BATCH = 10;

    private final SqsBroker broker = SqsBroker.start();
    private final SqsClient publisher = broker.newClient()
            .overrideConfiguration(it -> it.retryStrategy(DefaultRetryStrategy.doNotRetry()))
            .build();

    @Override
    public RoundQueue open(RoundPlan plan) {
        SqsBroker.NewQueue queue = broker.newQueue().visibility(plan.session());
        boolean fifo = plan.subscription() == Subscription.FIFO;
        return new Queue((fifo ? queue.fifo() : queue).create(), fifo);
    }

    @Override
    public void kill9() {
        broker.kill9();
    }

    @Override
    public void startAgain() {
        broker.startAgain();
    }

    @Override
    public void close() {
        publisher.close();
        broker.close();
    }

    /** What a member consumes. */
    static ConsumerBuilder<byte[]> consumer(MemberPlan plan) {
        SqsClient client = SqsClient.builder()
                .endpointOverride(URI.create(plan.address()))
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("chaos", "chaos")))
                .build();
        return MessageConsumer.from(SqsSource.queue(plan.queue())
                .client(client)
                .waitTime(Duration.ofSeconds(1))
                .drain(DrainSettings.within(plan.budget()))
                .deleteInterval(plan.settleInterval()));
    }

    private final class Queue implements RoundQueue {

        private final String url;
        private final boolean fifo;

        /** Not sent yet, with their answers; the publishing thread's. */
        private final Map<String, CompletableFuture<Boolean>> answers = new HashMap<>();

        private final List<SendMessageBatchRequestEntry> batch = new ArrayList<>();

        Queue(String url, boolean fifo) {
            this.url = url;
            this.fifo = fifo;
        }

        @Override
        public String address() {
            return broker.endpoint().toString();
        }

        @Override
        public String name() {
            return url;
        }

        @Override
        public CompletableFuture<Boolean> publish(int id, int key) {
            CompletableFuture<Boolean> answer = new CompletableFuture<>();
            SendMessageBatchRequestEntry.Builder entry = SendMessageBatchRequestEntry.builder()
                    .id(Integer.toString(id))
                    .messageBody(new String(RoundQueue.body(id, key), StandardCharsets.US_ASCII));
            if (fifo) {
                entry.messageGroupId("key-" + key);
            }
            batch.add(entry.build());
            answers.put(Integer.toString(id), answer);
            if (batch.size() == BATCH) {
                flush();
            }
            return answer;
        }

        @Override
        public void flush() {
            if (batch.isEmpty()) {
                return;
            }
            List<SendMessageBatchRequestEntry> entries = List.copyOf(batch);
            Map<String, CompletableFuture<Boolean>> waiting = Map.copyOf(answers);
            batch.clear();
            answers.clear();
            try {
                SendMessageBatchResponse answer = publisher.sendMessageBatch(
                        request -> request.queueUrl(url).entries(entries));
                answer.successful()
                        .forEach(it -> waiting.getOrDefault(it.id(), new CompletableFuture<>())
                                .complete(true));
                for (BatchResultErrorEntry failed : answer.failed()) {
                    waiting.getOrDefault(failed.id(), new CompletableFuture<>())
                            .completeExceptionally(new IllegalStateException(failed.code() + " " + failed.message()));
                }
            } catch (SdkClientException | QueueDoesNotExistException e) {
                // Nobody answered, or one that has just begun to read its queues from disk.
                waiting.values().forEach(it -> it.complete(false));
            } catch (SdkException e) {
                waiting.values().forEach(it -> it.completeExceptionally(e));
            }
        }

        /** The queue goes with its broker: it may be gone when this is called. */
        @Override
        public void close() {
            try {
                broker.deleteQueue(url);
            } catch (SdkException e) {
                throw new IllegalStateException("the queue " + url + " could not be removed", e);
            }
        }
    }
}
