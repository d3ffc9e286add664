package io.lastcall.benchmarks.chaos;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the messages of a round: few until all members of the beginning are at work, then a third of the plan's at once and the
 * others while things happen. Ids ascend in the order of publishing. The clock's one thread.
 */
final class RoundPublisher {

    private static final long TICK_MILLIS = 20;
    private static final int TRICKLE = 2;

    private final RoundQueue queue;
    private final RoundPlan plan;
    private final RoundLedger ledger;
    private final ScheduledExecutorService clock;
    private final SplittableRandom dice;
    private final CompletableFuture<Void> failed = new CompletableFuture<>();

    /** The clock's thread only. */
    private int next;

    /** How many of the plan's are left; the clock's thread only. */
    private int left;

    /** Published and not answered yet; the clock's thread only. */
    private int unanswered;

    /** The clock's thread only. */
    private boolean gathered;

    /** The clock's thread only. */
    private @Nullable ScheduledFuture<?> ticks;

    RoundPublisher(RoundQueue queue, RoundPlan plan, RoundLedger ledger, ScheduledExecutorService clock) {
        this.queue = queue;
        this.plan = plan;
        this.ledger = ledger;
        this.clock = clock;
        this.left = plan.messages();
        this.dice = new SplittableRandom(~plan.seed());
    }

    /** Begins; ends by itself. */
    void start() {
        clock.execute(() -> ticks = clock.scheduleAtFixedRate(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS));
        var unused = ledger.gathered().thenRunAsync(this::burst, clock);
    }

    /** Ends early: of a round that did not get so far. */
    void stop() {
        clock.execute(this::end);
    }

    /** Completes exceptionally when the broker refused a message for good; else never. */
    CompletableFuture<Void> failed() {
        return failed;
    }

    private void burst() {
        gathered = true;
        int burst = left / 3;
        left -= burst;
        publish(burst);
    }

    private void tick() {
        if (!gathered) {
            publish(TRICKLE);
            return;
        }
        Duration publishing = plan.publishing();
        int count = Math.min(left, (int) (plan.messages() * TICK_MILLIS / publishing.toMillis()) + 1);
        left -= count;
        publish(count);
    }

    private void end() {
        if (ticks != null) {
            ticks.cancel(false);
            ticks = null;
            ledger.publishingEnds();
        }
    }

    private void publish(int count) {
        unanswered += count;
        for (int i = 0; i < count; i++) {
            int id = next++;
            var unused = queue.publish(id, dice.nextInt(plan.keys()))
                    .whenCompleteAsync((taken, e) -> answered(id, taken, e), clock);
        }
        queue.flush();
    }

    /** In place of one that the broker may not have, another one is published: the same once more would be a repeat of ours. */
    private void answered(int id, @Nullable Boolean taken, @Nullable Throwable refusal) {
        unanswered--;
        if (refusal != null) {
            failed.completeExceptionally(refusal);
        } else if (Boolean.TRUE.equals(taken)) {
            ledger.published(id);
        } else {
            left++;
        }
        if (gathered && left == 0 && unanswered == 0) {
            end();
        }
    }
}
