package io.lastcall.kafka;

import io.lastcall.spi.Failure;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Revocation;
import io.lastcall.spi.RevokeReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How partitions end, each a partial drain: what has not started is dropped, what runs is waited for, what is done is committed, the rest
 * is fenced. Poll thread only.
 */
final class Departure {

    private static final Logger log = LoggerFactory.getLogger(Departure.class);
    private static final Duration ONE_POLL = Duration.ofMillis(100);

    private static final Failure LOST = Failure.refused("the partition was lost before this was committed", null);
    private static final Failure GAP_AT_REVOKE =
            Failure.refused("the partition was taken while a record before this one was not done", null);

    /** Unknown rather than refused: it was done, will be handed out again, and the report must not call that clean. */
    private static final Failure GAP_AT_CLOSE = Failure.unknown(
            "no commit covers this, since a record before it was not done; it will be handed out again", null);

    private final Consumer<byte[], byte[]> client;
    private final Intake<KafkaMessage> intake;
    private final Requests requests;
    private final Wakeup wakeup;
    private final Inbox inbox;
    private final Commits commits;
    private final Duration revokeWait;

    Departure(
            Consumer<byte[], byte[]> client,
            Intake<KafkaMessage> intake,
            Requests requests,
            Wakeup wakeup,
            Inbox inbox,
            Commits commits,
            Duration revokeWait) {
        this.client = client;
        this.intake = intake;
        this.requests = requests;
        this.wakeup = wakeup;
        this.inbox = inbox;
        this.commits = commits;
        this.revokeWait = revokeWait;
    }

    /** Taken in order; {@code pauseOthers} pauses what is still ours, if a stop is asked for in the meantime. */
    void revoked(List<Partition> leaving, Runnable pauseOthers) {
        List<Revocation> revocations = new ArrayList<>();
        for (Partition partition : leaving) {
            revocations.add(partition.lane().revoke(RevokeReason.REASSIGNED));
        }
        boolean finished = awaitFinished(revocations, pauseOthers);
        commits.done(inbox.book());
        RuntimeException error = commits.commitNow(leaving, revokeWait);
        int cutOff = revocations.stream().mapToInt(Revocation::fence).sum();
        commits.done(inbox.book()); // what was settled between the two
        end(leaving, error, GAP_AT_REVOKE);
        log.info(
                "partitions revoked consumer={} partitions={} finished={} cutOff={} committed={}",
                intake.consumer(),
                leaving,
                finished,
                cutOff,
                error == null);
    }

    /** Gone already: others may own them, so nothing is committed or waited for. */
    void lost(List<Partition> leaving) {
        for (Partition partition : leaving) {
            partition.lane().revoke(RevokeReason.LOST);
        }
        commits.done(inbox.book());
        leaving.forEach(partition -> partition.end(LOST, LOST, false));
        log.warn("partitions lost consumer={} partitions={}", intake.consumer(), leaving);
    }

    /** The last commit of all, then no more: every settlement is answered. */
    void closing(List<Partition> all, long deadline) {
        commits.done(inbox.book());
        RuntimeException error = commits.commitNow(all, left(deadline));
        while (error instanceof RebalanceInProgressException && left(deadline).compareTo(ONE_POLL) > 0) {
            pollOnce();
            error = commits.commitNow(all.stream().filter(it -> !it.ended()).toList(), left(deadline));
        }
        end(all.stream().filter(it -> !it.ended()).toList(), error, GAP_AT_CLOSE);
        commits.giveUp();
    }

    /** Lets a rebalance go on, as commitSync asks. All is paused: nothing comes, or is left for the next owner. */
    private void pollOnce() {
        wakeup.enterPoll();
        try {
            client.poll(ONE_POLL);
        } catch (WakeupException e) {
            log.debug("woken late consumer={}", intake.consumer());
        } finally {
            wakeup.leavePoll();
        }
    }

    private static void end(List<Partition> partitions, @Nullable RuntimeException error, Failure gap) {
        Failure uncommitted = error == null ? gap : Commits.failure(error);
        partitions.forEach(partition -> partition.end(uncommitted, gap, error == null));
    }

    private Duration left(long deadline) {
        return Duration.ofNanos(Math.max(1_000_000, deadline - intake.nanoTime()));
    }

    /** Waits until nothing of these lanes is held; a stop that is asked for meanwhile is confirmed from here. */
    private boolean awaitFinished(List<Revocation> revocations, Runnable pauseOthers) {
        CompletableFuture<?> finished = CompletableFuture.allOf(revocations.stream()
                .map(it -> it.finished().toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new));
        long deadline = intake.nanoTime() + revokeWait.toNanos();
        try {
            while (!finished.isDone() && !requests.closeAsked.isDone()) {
                long left = deadline - intake.nanoTime();
                if (left <= 0) {
                    return false;
                }
                CompletableFuture<?> event = CompletableFuture.anyOf(finished, requests.closeAsked);
                if (requests.stopConfirmed.isDone()) {
                    intake.await(event, Duration.ofNanos(left));
                } else {
                    intake.await(CompletableFuture.anyOf(event, requests.stopAsked), Duration.ofNanos(left));
                    if (requests.stopAsked.isDone()) {
                        pauseOthers.run();
                        requests.stopConfirmed.complete(null);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return finished.isDone();
    }
}
