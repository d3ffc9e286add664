package io.lastcall.sqs;

import io.lastcall.message.Outcome;
import io.lastcall.spi.Settlement;
import java.time.Duration;

/** A settlement that is not answered yet. What changes is guarded by the lock of its {@link Backlog}. */
final class Open {

    /** What the broker is to be asked next. */
    enum Step {
        PARK,
        DELETE,
        CHANGE
    }

    final Settlement<SqsReceipt> settlement;
    // When it came, on the intake's clock.
    final long since;

    // All of these are written with the backlog's lock held.
    // PARK becomes DELETE.
    Step step;
    // Its turn among the steps: the lowest is next. Later after each failed try.
    long turn;
    // Whether the broker was asked at all.
    boolean asked;
    // Whether the broker has left us without an answer.
    boolean unsure;

    Open(Settlement<SqsReceipt> settlement, long since, long turn, boolean parks) {
        this.settlement = settlement;
        this.since = since;
        this.turn = turn;
        this.step = firstStep(settlement, parks);
    }

    /** The message's. */
    String id() {
        return settlement.delivery().message().id();
    }

    SqsReceipt receipt() {
        return settlement.delivery().receipt();
    }

    /** What the visibility timeout becomes: a delay in whole seconds, rounded up, and no more than SQS still takes. */
    int seconds(long now) {
        Duration most = receipt().longestLease(now);
        Duration wanted = wait(settlement.outcome());
        Duration time = wanted.compareTo(most) > 0 ? most : wanted.plusNanos(999_999_999);
        return Math.max(0, (int) time.toSeconds());
    }

    private static Duration wait(Outcome outcome) {
        if (outcome instanceof Outcome.Retry retry) {
            return retry.delay().orElse(Duration.ZERO);
        }
        return outcome instanceof Outcome.Release release ? release.notBefore() : Duration.ZERO;
    }

    private static Step firstStep(Settlement<SqsReceipt> settlement, boolean parks) {
        if (settlement.outcome() instanceof Outcome.Accept) {
            return Step.DELETE;
        }
        if (settlement.outcome() instanceof Outcome.Reject) {
            return parks && !settlement.isLetterWritten() ? Step.PARK : Step.DELETE;
        }
        return Step.CHANGE;
    }
}
