package io.lastcall.sqs;

import io.lastcall.spi.Intake;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/** The calls that receive from one queue. Never throws an exception, since that is an answer too. Safe for any thread, which it blocks. */
final class ReceiveCalls {

    private final SqsClient client;
    private final Intake<SqsReceipt> intake;
    private final boolean fifo;
    private final Duration lease;
    private final Duration overdue;
    private final Duration afterStop;
    private final ReceiveMessageRequest request;
    private final String ids = UUID.randomUUID() + "-";
    private final AtomicLong attempts = new AtomicLong();

    /**
     * @param overdue when a receive is broken off
     * @param afterStop the same for one that does not wait for messages
     */
    ReceiveCalls(
            SqsClient client,
            Intake<SqsReceipt> intake,
            QueueFacts queue,
            Duration waitTime,
            Duration lease,
            Duration overdue,
            Duration afterStop) {
        this.client = client;
        this.intake = intake;
        this.fifo = queue.fifo();
        this.lease = lease;
        this.overdue = overdue;
        this.afterStop = afterStop;
        this.request = ReceiveMessageRequest.builder()
                .queueUrl(queue.url())
                .waitTimeSeconds((int) waitTime.toSeconds())
                .visibilityTimeout((int) lease.toSeconds())
                .messageSystemAttributeNames(SqsMessage.ASKED_FOR)
                .messageAttributeNames("All")
                .build();
    }

    /**
     * What is asked for, once or again.
     *
     * @param id makes the broker answer the same again; null where it knows no such id
     */
    record Attempt(int wanted, @Nullable String id) {
        boolean isRepeatable() {
            return id != null;
        }
    }

    /**
     * What the broker said.
     *
     * @param received since when its leases run, a little early
     * @param error null when it answered
     */
    record Reply(
            List<Message> messages, long received, @Nullable Throwable error) {

        /** Whether messages may be hidden that we know nothing of. */
        boolean isLost() {
            return error != null
                    && !(error instanceof SdkServiceException said && said.statusCode() < 500 && said.statusCode() > 0);
        }
    }

    Duration lease() {
        return lease;
    }

    Attempt attempt(int wanted) {
        return new Attempt(wanted, fifo ? ids + attempts.incrementAndGet() : null);
    }

    Reply receive(Attempt attempt, boolean stopping) {
        ReceiveMessageRequest.Builder call = request.toBuilder()
                .maxNumberOfMessages(attempt.wanted)
                .receiveRequestAttemptId(attempt.id)
                .overrideConfiguration(it -> it.apiCallTimeout(stopping ? afterStop : overdue));
        if (stopping) {
            call.waitTimeSeconds(0);
        }
        long begun = intake.nanoTime();
        try {
            List<Message> messages = client.receiveMessage(call.build()).messages();
            // SQS answers as soon as it has something, after a wait that the lease does not count; but we may have been
            // frozen.
            long early = intake.nanoTime() - lease.toNanos() / 3;
            return new Reply(messages, Math.max(0, early - begun) + begun, null);
        } catch (RuntimeException e) {
            return new Reply(List.of(), begun, e);
        }
    }
}
