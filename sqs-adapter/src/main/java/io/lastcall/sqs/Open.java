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

    // All of these are written with the backlog's lock held.
    // PARK becomes DELETE.
    Step step;
    // Its turn among the steps: the lowest is next. Later after each failed try.
    long turn;
    // Whether the broker was asked at all.
    boolean asked;
    // Whether the broker has left us without an answer.
    boolean unsure;

    Open(Settlement<SqsReceipt> settlement, long turn, boolean parks) {
        this.settlement = settlement;
        this.turn = turn;
        this.step = firstStep(settlement, parks);
    }

    String handle() {
        return settlement.delivery().receipt().handle();
    }

    /** What the visibility timeout becomes: a delay in whole seconds, rounded up. */
    int seconds() {
        Outcome outcome = settlement.outcome();
        if (outcome instanceof Outcome.Retry retry) {
            return wholeSeconds(retry.delay().orElse(Duration.ZERO));
        }
        return outcome instanceof Outcome.Release release ? wholeSeconds(release.notBefore()) : 0;
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

    private static int wholeSeconds(Duration time) {
        Duration capped = time.compareTo(SqsSource.LONGEST_LEASE) > 0 ? SqsSource.LONGEST_LEASE : time;
        return (int) capped.plusNanos(999_999_999).toSeconds();
    }
}
