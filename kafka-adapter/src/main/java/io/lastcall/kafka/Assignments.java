package io.lastcall.kafka;

import io.lastcall.spi.Failure;
import io.lastcall.spi.Intake;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.Revocation;
import io.lastcall.spi.RevokeReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that are ours, each with its lane, as the group gives and takes them. Poll thread only; the callbacks run inside its
 * polls.
 */
final class Assignments implements ConsumerRebalanceListener {

    private static final Logger log = LoggerFactory.getLogger(Assignments.class);
    private static final Duration READ_PROGRESS = Duration.ofSeconds(5);
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
    private final LaneRules rules;
    private final Duration revokeWait;

    // All: poll thread only.
    private final Map<TopicPartition, Partition> open = new LinkedHashMap<>();
    private long epoch;

    Assignments(
            Consumer<byte[], byte[]> client,
            Intake<KafkaMessage> intake,
            Requests requests,
            Wakeup wakeup,
            Inbox inbox,
            Commits commits,
            int bound,
            Duration revokeWait) {
        this.client = client;
        this.intake = intake;
        this.requests = requests;
        this.wakeup = wakeup;
        this.inbox = inbox;
        this.commits = commits;
        this.rules = LaneRules.PLAIN.boundedTo(bound);
        this.revokeWait = revokeWait;
    }

    Collection<Partition> all() {
        return open.values();
    }

    @Nullable
    Partition get(TopicPartition id) {
        return open.get(id);
    }

    /**
     * Pauses partitions that have no capacity or too much that no commit covers (S8), and resumes the others.
     *
     * @return whether one has too much, and waits for settlements
     */
    boolean balance() {
        List<TopicPartition> pause = new ArrayList<>();
        List<TopicPartition> resume = new ArrayList<>();
        boolean full = false;
        for (Partition partition : open.values()) {
            boolean bounded = partition.unanswered() >= rules.bound();
            boolean wanted = !bounded && partition.lane().capacity() > 0;
            full |= bounded;
            if (wanted == partition.paused()) {
                (wanted ? resume : pause).add(partition.id());
                partition.paused(!wanted);
            }
        }
        if (!pause.isEmpty()) {
            client.pause(pause);
        }
        if (!resume.isEmpty()) {
            client.resume(resume);
        }
        return full;
    }

    void pauseAll() {
        client.pause(client.assignment());
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> given) {
        if (given.isEmpty()) {
            return;
        }
        boolean stopping = requests.stopAsked.isDone();
        if (stopping) {
            client.pause(given); // first of all: a rebalance does not keep what was paused
        } else {
            epoch++;
            for (TopicPartition id : given) {
                String name = id.topic() + "-" + id.partition();
                open.put(id, new Partition(id, name, intake.open(new LaneId(name, epoch), rules)));
            }
            readProgress(given);
        }
        log.info(
                "partitions assigned consumer={} partitions={} epoch={} stopping={}",
                intake.consumer(),
                given,
                epoch,
                stopping);
    }

    /** What cannot be read counts as not done: it is repeated. */
    private void readProgress(Collection<TopicPartition> given) {
        wakeup.enterCallback();
        try {
            client.committed(Set.copyOf(given), READ_PROGRESS).forEach((id, committed) -> {
                Partition partition = open.get(id);
                if (partition != null && committed != null) {
                    partition.wasDone(committed);
                }
            });
        } catch (KafkaException e) {
            log.warn(
                    "what was done beyond the committed offsets could not be read, it comes again consumer={} partitions={}"
                            + " error=\"{}\"",
                    intake.consumer(),
                    given,
                    e.toString());
        } finally {
            wakeup.leaveCallback();
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> taken) {
        List<Partition> leaving = remove(taken);
        if (leaving.isEmpty()) {
            return;
        }
        wakeup.enterCallback();
        try {
            revoke(leaving);
        } finally {
            wakeup.leaveCallback();
        }
    }

    private void revoke(List<Partition> leaving) {
        List<Revocation> revocations = new ArrayList<>();
        for (Partition partition : leaving) {
            revocations.add(partition.lane().revoke(RevokeReason.REASSIGNED));
        }
        boolean finished = awaitFinished(revocations);
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

    @Override
    public void onPartitionsLost(Collection<TopicPartition> lost) {
        List<Partition> leaving = remove(lost);
        if (leaving.isEmpty()) {
            return;
        }
        for (Partition partition : leaving) {
            partition.lane().revoke(RevokeReason.LOST);
        }
        commits.done(inbox.book());
        leaving.forEach(partition -> partition.end(LOST, LOST, false));
        log.warn("partitions lost consumer={} partitions={}", intake.consumer(), leaving);
    }

    /** The last commit, then no more: every settlement is answered. */
    void endAll(long deadline) {
        pauseAll();
        commits.done(inbox.book());
        RuntimeException error = commits.commitNow(List.copyOf(open.values()), left(deadline));
        while (error instanceof RebalanceInProgressException && left(deadline).compareTo(ONE_POLL) > 0) {
            pollOnce();
            error = commits.commitNow(List.copyOf(open.values()), left(deadline));
        }
        end(List.copyOf(open.values()), error, GAP_AT_CLOSE);
        open.clear();
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

    private List<Partition> remove(Collection<TopicPartition> ids) {
        List<Partition> removed = new ArrayList<>();
        for (TopicPartition id : ids) {
            Partition partition = open.remove(id);
            if (partition != null) {
                removed.add(partition);
            }
        }
        return removed;
    }

    /** Waits until nothing of these lanes is held; a stop that is asked for meanwhile is confirmed from here. */
    private boolean awaitFinished(List<Revocation> revocations) {
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
                    confirmStop();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return finished.isDone();
    }

    private void confirmStop() {
        if (requests.stopAsked.isDone()) {
            client.pause(open.keySet());
            requests.stopConfirmed.complete(null);
        }
    }
}
