package io.lastcall.sqs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchEntryIdsNotDistinctException;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequest;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchResponse;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequest;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchResponse;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesRequest;
import software.amazon.awssdk.services.sqs.model.GetQueueAttributesResponse;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageResponse;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;
import software.amazon.awssdk.services.sqs.model.SqsException;
import software.amazon.awssdk.services.sqs.model.TooManyEntriesInBatchRequestException;

/** Calls of one {@link AwsQueue}, and whatever goes wrong on the way to it and back. Any thread. */
final class AwsClient implements SqsClient {

    /** Looks at a call, and throws what shall become of it. */
    interface Fault {
        void at(SdkRequest request);
    }

    private final AwsQueue queue;
    private final List<SdkRequest> requests = new CopyOnWriteArrayList<>();

    // Written by the test, read by any thread.
    volatile int mostAtOnce = 10;
    volatile Fault before = request -> {};
    volatile Fault after = request -> {};
    // Gives the code of an error that is the broker's own, by receipt handle.
    volatile Map<String, String> failing = Map.of();

    AwsClient(AwsQueue queue) {
        this.queue = queue;
    }

    String url() {
        return "https://sqs.test/1/" + (queue.isFifo() ? "orders.fifo" : "orders");
    }

    <T extends SdkRequest> List<T> of(Class<T> kind) {
        return requests.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    static SqsException error(int status, String code) {
        return (SqsException) SqsException.builder()
                .statusCode(status)
                .awsErrorDetails(AwsErrorDetails.builder()
                        .errorCode(code)
                        .errorMessage(code)
                        .build())
                .message(code)
                .build();
    }

    @Override
    public ReceiveMessageResponse receiveMessage(ReceiveMessageRequest request) {
        before(request);
        List<AwsQueue.Given> given;
        try {
            given = queue.receive(
                    Math.min(mostAtOnce, request.maxNumberOfMessages()),
                    Duration.ofSeconds(request.waitTimeSeconds()),
                    Duration.ofSeconds(request.visibilityTimeout()),
                    request.receiveRequestAttemptId());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw AbortedException.create("interrupted", e);
        }
        after.at(request);
        return ReceiveMessageResponse.builder()
                .messages(given.stream().map(AwsClient::message).toList())
                .build();
    }

    private static Message message(AwsQueue.Given given) {
        Map<MessageSystemAttributeName, String> attributes = new HashMap<>();
        attributes.put(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, Integer.toString(given.receives()));
        if (given.group() != null) {
            attributes.put(MessageSystemAttributeName.MESSAGE_GROUP_ID, given.group());
        }
        return Message.builder()
                .messageId(given.body())
                .body(given.body())
                .receiptHandle(given.handle())
                .attributes(attributes)
                .build();
    }

    @Override
    public DeleteMessageBatchResponse deleteMessageBatch(DeleteMessageBatchRequest request) {
        before(request);
        refuseIds(request.entries().stream().map(it -> it.id()).toList());
        List<BatchResultErrorEntry> failed = new ArrayList<>();
        request.entries()
                .forEach(it -> add(failed, it.id(), it.receiptHandle(), queue.delete(it.id(), it.receiptHandle())));
        after.at(request);
        return DeleteMessageBatchResponse.builder().failed(failed).build();
    }

    @Override
    public ChangeMessageVisibilityBatchResponse changeMessageVisibilityBatch(
            ChangeMessageVisibilityBatchRequest request) {
        before(request);
        refuseIds(request.entries().stream().map(it -> it.id()).toList());
        List<BatchResultErrorEntry> failed = new ArrayList<>();
        request.entries()
                .forEach(it -> add(
                        failed,
                        it.id(),
                        it.receiptHandle(),
                        queue.change(it.id(), it.receiptHandle(), Duration.ofSeconds(it.visibilityTimeout()))));
        after.at(request);
        return ChangeMessageVisibilityBatchResponse.builder().failed(failed).build();
    }

    private void add(
            List<BatchResultErrorEntry> failed, String id, String handle, @Nullable BatchResultErrorEntry error) {
        String code = failing.get(handle);
        if (code != null) {
            failed.add(BatchResultErrorEntry.builder()
                    .id(id)
                    .code(code)
                    .senderFault(false)
                    .build());
        } else if (error != null) {
            failed.add(error);
        }
    }

    @Override
    public GetQueueAttributesResponse getQueueAttributes(GetQueueAttributesRequest request) {
        return GetQueueAttributesResponse.builder()
                .attributes(Map.of(
                        QueueAttributeName.VISIBILITY_TIMEOUT,
                        Long.toString(queue.visibility().toSeconds())))
                .build();
    }

    /** Takes dead letters, and keeps none. */
    @Override
    public SendMessageResponse sendMessage(SendMessageRequest request) {
        before(request);
        after.at(request);
        return SendMessageResponse.builder().build();
    }

    private void before(SdkRequest request) {
        requests.add(request);
        before.at(request);
    }

    private static void refuseIds(List<String> ids) {
        if (ids.size() > 10) {
            throw TooManyEntriesInBatchRequestException.builder()
                    .statusCode(400)
                    .build();
        }
        if (new HashSet<>(ids).size() < ids.size()) {
            throw BatchEntryIdsNotDistinctException.builder().statusCode(400).build();
        }
        ids.forEach(Objects::requireNonNull);
    }

    @Override
    public String serviceName() {
        return SERVICE_NAME;
    }

    @Override
    public void close() {}
}
