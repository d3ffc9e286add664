package io.lastcall.sqs;

import io.lastcall.message.Outcome.Reject;
import io.lastcall.spi.Intake;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the broker what the backlog holds, until that is closed and empty. Tries again without end what the broker does not answer. Runs on a thread of its own.
 */
final class Settler implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Settler.class);

    private final String queue;
    private final Intake<SqsReceipt> intake;
    private final Backlog backlog;
    private final BatchCalls calls;
    private final @Nullable DeadLetterQueue deadLetters;
    // This thread only.
    private final Backoff backoff = new Backoff(Duration.ofSeconds(5));

    /** @param deadLetters where this one sends dead letters, which then is all that it does; null for one that does all else */
    Settler(
            String queue,
            Intake<SqsReceipt> intake,
            Backlog backlog,
            BatchCalls calls,
            @Nullable DeadLetterQueue deadLetters) {
        this.queue = queue;
        this.intake = intake;
        this.backlog = backlog;
        this.calls = calls;
        this.deadLetters = deadLetters;
    }

    @Override
    public void run() {
        try {
            boolean letters = deadLetters != null;
            for (List<Open> batch = backlog.take(letters); !batch.isEmpty(); batch = backlog.take(letters)) {
                settle(batch);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            intake.failed(e);
        } catch (RuntimeException | Error e) {
            intake.failed(e);
        }
    }

    private void settle(List<Open> batch) throws InterruptedException {
        Open.Step step = batch.get(0).step;
        List<Answer> answers;
        try {
            answers = ask(step, batch);
        } catch (Error e) {
            intake.failed(e);
            answers = Answer.of(e).times(batch.size());
        }
        if (backlog.conclude(batch, answers)) {
            if (backoff.reset()) {
                log.info("sqs settles again queue={}", queue);
            }
            return;
        }
        Duration pause = backoff.next();
        log.warn(
                "sqs settlement not answered queue={} step={} messages={} againInMs={} error={}",
                queue,
                step,
                batch.size(),
                pause.toMillis(),
                answers.get(0).what());
        backlog.pause(pause);
    }

    private List<Answer> ask(Open.Step step, List<Open> batch) {
        return switch (step) {
            case DELETE -> delete(batch);
            case CHANGE -> change(batch);
            case PARK -> batch.stream().map(this::park).toList();
        };
    }

    private List<Answer> change(List<Open> batch) {
        long now = intake.nanoTime();
        return calls.change(batch.stream()
                .map(it -> new BatchCalls.Change(it.receipt().handle(), it.seconds(now)))
                .toList());
    }

    /** One entry for each message, by its newest receipt: of one that was received twice the older handle deletes nothing. */
    private List<Answer> delete(List<Open> batch) {
        Map<String, SqsReceipt> newest = new LinkedHashMap<>();
        for (Open it : batch) {
            newest.merge(it.id(), it.receipt(), (one, other) -> other.isNewerThan(one) ? other : one);
        }
        List<Answer> said =
                calls.delete(newest.values().stream().map(SqsReceipt::handle).toList());
        long now = intake.nanoTime();
        Map<String, Answer> answers = new HashMap<>();
        newest.forEach((id, receipt) -> {
            Answer answer = said.get(answers.size());
            boolean isDone = answer.kind() == Answer.Kind.DONE;
            answers.put(id, isDone && receipt.isLapsed(now) ? Answer.DELETED_LATE : answer);
        });
        return batch.stream()
                .map(it -> Objects.requireNonNull(answers.get(it.id())))
                .toList();
    }

    private Answer park(Open it) {
        if (deadLetters == null || !(it.settlement.outcome() instanceof Reject why)) {
            throw new IllegalStateException("nothing to park " + it.settlement.outcome() + " in");
        }
        Answer answer = deadLetters.send(it.settlement.delivery().message(), why);
        if (answer.kind() == Answer.Kind.REFUSED) {
            log.warn(
                    "sqs dead letter refused, the message comes again queue={} id={} error={}",
                    queue,
                    it.id(),
                    answer.what());
        }
        return answer;
    }
}
