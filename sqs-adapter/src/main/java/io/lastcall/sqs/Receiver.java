package io.lastcall.sqs;

import io.lastcall.spi.Delivery;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/**
 * Receives and offers until receiving is to stop; after errors it waits and tries again without end. A receive is never broken
 * off. Runs on a thread of its own.
 */
final class Receiver implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Receiver.class);

    private final QueueFacts queue;
    private final SqsClient client;
    private final BatchCalls calls;
    private final Intake<SqsReceipt> intake;
    private final Lane<SqsReceipt> lane;
    private final Receives receives;
    private final ReceiveMessageRequest request;
    // This thread only.
    private final Backoff backoff = new Backoff(Duration.ofSeconds(10));

    Receiver(
            QueueFacts queue,
            SqsClient client,
            BatchCalls calls,
            Intake<SqsReceipt> intake,
            Lane<SqsReceipt> lane,
            Receives receives,
            Duration waitTime,
            Duration lease) {
        this.queue = queue;
        this.client = client;
        this.calls = calls;
        this.intake = intake;
        this.lane = lane;
        this.receives = receives;
        this.request = ReceiveMessageRequest.builder()
                .queueUrl(queue.url())
                .waitTimeSeconds((int) waitTime.toSeconds())
                .visibilityTimeout((int) lease.toSeconds())
                .messageSystemAttributeNames(SqsMessage.ASKED_FOR)
                .messageAttributeNames("All")
                .build();
    }

    @Override
    public void run() {
        try {
            for (int wanted = receives.enter(intake, lane); wanted > 0; wanted = receives.enter(intake, lane)) {
                List<Message> received;
                try {
                    received = receive(wanted);
                    offer(received == null ? List.of() : received);
                } finally {
                    receives.leave(wanted);
                }
                if (received == null) {
                    intake.await(receives.stopped(), backoff.next());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            if (!receives.isStopping()) {
                intake.failed(e);
            }
        } catch (RuntimeException | Error e) {
            intake.failed(e);
        }
    }

    /** What came, or null when the call failed. */
    private @Nullable List<Message> receive(int wanted) {
        try {
            List<Message> received = client.receiveMessage(
                            request.toBuilder().maxNumberOfMessages(wanted).build())
                    .messages();
            if (backoff.reset()) {
                log.info("sqs receives again queue={}", queue.name());
            }
            return received;
        } catch (RuntimeException e) {
            log.warn("sqs receive failed queue={} error={}", queue.name(), e.toString());
            return null;
        }
    }

    private void offer(List<Message> received) {
        if (received.isEmpty()) {
            return;
        }
        List<Delivery<SqsReceipt>> batch = new ArrayList<>(received.size());
        for (Message message : received) {
            batch.add(new Delivery<>(new SqsMessage(queue.name(), message), new SqsReceipt(message.receiptHandle())));
        }
        if (!lane.offer(batch)) {
            giveBack(received);
        }
    }

    // Here and now, on this thread: the settlers may be gone.
    private void giveBack(List<Message> refused) {
        List<BatchCalls.Change> changes = new ArrayList<>();
        for (int i = refused.size() - 1; i >= 0; i--) {
            changes.add(new BatchCalls.Change(refused.get(i).receiptHandle(), 0));
        }
        List<Answer> answers = queue.fifo()
                ? changes.stream()
                        .flatMap(change -> calls.change(List.of(change)).stream())
                        .toList()
                : calls.change(changes);
        long failed = answers.stream()
                .filter(answer -> !Objects.equals(answer, Answer.DONE))
                .count();
        if (failed > 0) {
            log.warn(
                    "sqs could not give back what came after the stop: it is invisible until its timeout queue={} messages={}",
                    queue.name(),
                    failed);
        }
    }
}
