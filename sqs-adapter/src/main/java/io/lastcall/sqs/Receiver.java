package io.lastcall.sqs;

import io.lastcall.spi.Delivery;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * Receives and offers until receiving is to stop; after errors it waits and tries again without end. Runs on a thread of its own.
 *
 * <p>A receive without an answer may have hidden messages. A FIFO queue is therefore asked again under the same id, which brings
 * the same messages; at the stop once, without a wait. The place among the receives is kept for that, so that the stop is confirmed
 * after it. A standard queue knows no such id.
 */
final class Receiver implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Receiver.class);
    // SQS remembers an id for so long.
    private static final Duration ID_LIVES = Duration.ofMinutes(5);

    private final QueueFacts queue;
    private final ReceiveCalls calls;
    private final BatchCalls changes;
    private final Intake<SqsReceipt> intake;
    private final Lane<SqsReceipt> lane;
    private final Receives receives;
    // This thread only.
    private final Backoff backoff = new Backoff(Duration.ofSeconds(10));

    Receiver(
            QueueFacts queue,
            ReceiveCalls calls,
            BatchCalls changes,
            Intake<SqsReceipt> intake,
            Lane<SqsReceipt> lane,
            Receives receives) {
        this.queue = queue;
        this.calls = calls;
        this.changes = changes;
        this.intake = intake;
        this.lane = lane;
        this.receives = receives;
    }

    @Override
    public void run() {
        try {
            for (int wanted = receives.enter(intake, lane); wanted > 0; wanted = receives.enter(intake, lane)) {
                boolean answered;
                try {
                    answered = receive(wanted);
                } finally {
                    receives.leave(wanted);
                }
                if (!answered) {
                    intake.await(receives.stopAsked(), backoff.next());
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

    /** Receives and offers once; whether the broker gave an answer that brings us further. */
    private boolean receive(int wanted) throws InterruptedException {
        ReceiveCalls.Attempt attempt = calls.attempt(wanted);
        long begin = intake.nanoTime();
        boolean stopping = false;
        ReceiveCalls.Reply reply = calls.receive(attempt, false);
        while (reply.isLost() && attempt.isRepeatable() && !stopping && isRemembered(begin)) {
            tell(reply);
            intake.await(receives.stopAsked(), backoff.next());
            stopping = receives.isStopping();
            reply = calls.receive(attempt, stopping);
        }
        Throwable error = reply.error();
        if (error != null) {
            tell(reply);
            if (receives.isStopping() && isBrokenOff(error)) {
                receives.brokenOff();
            }
            return false;
        }
        if (backoff.reset()) {
            log.info("sqs receives again queue={}", queue.name());
        }
        offer(reply);
        return true;
    }

    private boolean isRemembered(long begin) {
        return intake.nanoTime() - begin < ID_LIVES.toNanos();
    }

    private static boolean isBrokenOff(Throwable error) {
        return error instanceof ApiCallTimeoutException || error instanceof AbortedException;
    }

    private void tell(ReceiveCalls.Reply reply) {
        log.warn("sqs receive failed queue={} error={}", queue.name(), String.valueOf(reply.error()));
    }

    private void offer(ReceiveCalls.Reply reply) {
        if (reply.messages().isEmpty()) {
            return;
        }
        List<Delivery<SqsReceipt>> batch = new ArrayList<>(reply.messages().size());
        for (Message message : reply.messages()) {
            batch.add(new Delivery<>(
                    new SqsMessage(queue.name(), message),
                    new SqsReceipt(message.receiptHandle(), reply.received(), calls.lease())));
        }
        if (!lane.offer(batch)) {
            giveBack(reply.messages());
        }
    }

    // Here and now, on this thread: the settlers may be gone.
    private void giveBack(List<Message> refused) {
        List<BatchCalls.Change> all = new ArrayList<>();
        for (int i = refused.size() - 1; i >= 0; i--) {
            all.add(new BatchCalls.Change(refused.get(i).receiptHandle(), 0));
        }
        List<Answer> answers = queue.fifo()
                ? all.stream()
                        .flatMap(change -> changes.change(List.of(change)).stream())
                        .toList()
                : changes.change(all);
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
