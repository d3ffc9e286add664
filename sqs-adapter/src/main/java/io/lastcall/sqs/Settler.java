package io.lastcall.sqs;

import io.lastcall.message.Outcome.Reject;
import io.lastcall.spi.Intake;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the broker what the backlog holds, until that is closed and empty: whatever has gathered while the last call was under
 * way goes into the next one. Tries again without end what the broker does not answer. Runs on a thread of its own.
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
            for (List<Open> batch = backlog.take(intake); !batch.isEmpty(); batch = backlog.take(intake)) {
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
        backlog.pause(intake, pause);
    }

    private List<Answer> ask(Open.Step step, List<Open> batch) {
        return switch (step) {
            case DELETE -> calls.delete(batch.stream().map(Open::handle).toList());
            case CHANGE ->
                calls.change(batch.stream()
                        .map(it -> new BatchCalls.Change(it.handle(), it.seconds()))
                        .toList());
            case PARK -> batch.stream().map(this::park).toList();
        };
    }

    private Answer park(Open it) {
        if (deadLetters == null || !(it.settlement.outcome() instanceof Reject why)) {
            throw new IllegalStateException("nothing to park " + it.settlement.outcome() + " in");
        }
        return deadLetters.send(it.settlement.delivery().message(), why);
    }
}
