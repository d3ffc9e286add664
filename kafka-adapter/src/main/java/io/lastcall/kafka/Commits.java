package io.lastcall.kafka;

import io.lastcall.spi.Failure;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.RetriableCommitFailedException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetMetadataTooLarge;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits what the ledgers allow: asynchronously, one commit at a time, while receiving; synchronously before partitions are given
 * up. A failed commit loses nothing while its partition is ours: the next one covers the same and more. Poll thread only.
 */
final class Commits {

    private static final Logger log = LoggerFactory.getLogger(Commits.class);

    /** How long a poll may last that could miss the answer to a commit: the KIP-848 client calls back only between polls. */
    private static final Duration WHILE_WAITING = Duration.ofMillis(50);

    /** How often a failure that lasts is told: lanes stand still once they hold all that they may without a commit. */
    private static final Duration WARN_AGAIN = Duration.ofMinutes(1);

    /** What brokers take where nobody has changed {@code offset.metadata.max.bytes}. */
    private static final int MOST_METADATA = 4096;

    private final Consumer<byte[], byte[]> client;
    private final Intake<KafkaMessage> intake;
    private final Wakeup wakeup;
    private final long intervalNanos;
    private final int many;

    // All: poll thread only.
    private final List<Sent> inFlight = new ArrayList<>();
    /** The broker has refused a part of a commit, and the client does not say which: each partition has one of its own. */
    private boolean apart;

    private long lastSent;
    private int doneSince;
    private boolean failing;
    private long warnedAt;
    private int mostMetadata = MOST_METADATA;

    /** One asynchronous commit; parts that a synchronous one has taken over are gone from it. By identity. */
    private static final class Sent {
        final Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        final Map<Partition, List<Settlement<KafkaMessage>>> parts = new LinkedHashMap<>();
    }

    Commits(Consumer<byte[], byte[]> client, Intake<KafkaMessage> intake, Wakeup wakeup, Duration interval, int many) {
        this.client = client;
        this.intake = intake;
        this.wakeup = wakeup;
        this.intervalNanos = interval.toNanos();
        this.many = many;
        this.lastSent = intake.nanoTime();
    }

    void done(int records) {
        doneSince += records;
    }

    /** Whether records became done since the last commit was sent. */
    boolean pending() {
        return doneSince > 0;
    }

    /** How long the next poll may last: until a commit is due, until the answer to one is looked for, or {@code longest}. */
    Duration untilDue(Duration longest) {
        Duration most = inFlight.isEmpty() ? longest : WHILE_WAITING;
        if (doneSince == 0) {
            return most;
        }
        Duration due = Duration.ofNanos(Math.max(0, intervalNanos - (intake.nanoTime() - lastSent)));
        return inFlight.isEmpty() && due.compareTo(most) < 0 ? due : most;
    }

    /** Sends a commit when the interval is over or many records are done, unless one is under way. */
    void sendWhenDue(Collection<Partition> partitions) {
        long now = intake.nanoTime();
        if (!inFlight.isEmpty() || (doneSince < many && now - lastSent < intervalNanos)) {
            return;
        }
        lastSent = now;
        doneSince = 0;
        Sent sent = new Sent();
        for (Partition partition : partitions) {
            OffsetAndMetadata offset = partition.toCommit(mostMetadata, now, intervalNanos);
            if (offset != null) {
                if (apart && !sent.offsets.isEmpty()) {
                    inFlight.add(sent);
                    sent = new Sent();
                }
                sent.offsets.put(partition.id(), offset);
                sent.parts.put(partition, partition.takeCovered());
            }
        }
        if (!sent.offsets.isEmpty()) {
            inFlight.add(sent);
        }
        apart = false; // until one is refused again
        for (Sent each : List.copyOf(inFlight)) {
            client.commitAsync(each.offsets, (offsets, error) -> answered(each, error));
        }
    }

    private void answered(Sent sent, @Nullable Exception error) {
        inFlight.remove(sent);
        note(error);
        apart |= isOfOnePartition(error);
        if (error instanceof OffsetMetadataTooLarge) {
            sayLess();
        }
        sent.parts.forEach((partition, settlements) -> {
            if (error == null) {
                partition.confirmed(offset(sent.offsets, partition), settlements);
            } else if (partition.ended()) {
                partition.unsettled(settlements, failure(error));
            } else {
                partition.putBack(settlements);
            }
        });
        wakeup.now(); // lanes may have room again, another commit may be due
    }

    /**
     * Commits what these partitions have done and waits for the answer.
     *
     * @return null when all that can be committed is confirmed, else the error; then nothing was answered
     */
    @Nullable
    RuntimeException commitNow(Collection<Partition> partitions, Duration atMost) {
        long until = intake.nanoTime() + atMost.toNanos();
        RuntimeException error = commitOnce(partitions, atMost);
        while (error instanceof OffsetMetadataTooLarge && mostMetadata > 0) {
            sayLess();
            error = commitOnce(partitions, Duration.ofNanos(Math.max(0, until - intake.nanoTime())));
        }
        return error;
    }

    /** All at once, and each by itself where one of them spoils it for the others. */
    private @Nullable RuntimeException commitOnce(Collection<Partition> partitions, Duration atMost) {
        long until = intake.nanoTime() + atMost.toNanos();
        if (!apart || partitions.size() < 2) {
            RuntimeException error = commitTogether(partitions, atMost);
            if (!isOfOnePartition(error) || partitions.size() < 2) {
                return error;
            }
        }
        RuntimeException first = null;
        int open = partitions.size();
        for (Partition partition : partitions) {
            // A share of the time for each: the client asks again and again for a topic that was deleted.
            long share = Math.max(0, until - intake.nanoTime()) / open--;
            RuntimeException one = commitTogether(List.of(partition), Duration.ofNanos(share));
            first = first == null ? one : first;
        }
        return first;
    }

    private @Nullable RuntimeException commitTogether(Collection<Partition> partitions, Duration atMost) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        Map<Partition, List<Settlement<KafkaMessage>>> parts = new LinkedHashMap<>();
        for (Partition partition : partitions) {
            OffsetAndMetadata offset = partition.toCommit(mostMetadata, intake.nanoTime(), 0);
            if (offset != null) {
                offsets.put(partition.id(), offset);
                parts.put(partition, takeOver(partition));
            }
        }
        RuntimeException error = offsets.isEmpty() ? null : send(offsets, atMost);
        note(error);
        parts.forEach((partition, settlements) -> {
            if (error == null) {
                partition.confirmed(offset(offsets, partition), settlements);
            } else {
                partition.putBack(settlements);
            }
        });
        return error;
    }

    /** Answers what is still in flight, of partitions that were lost. */
    void giveUp() {
        Failure why = Failure.unknown("commit not answered before close", null);
        for (Sent sent : inFlight) {
            sent.parts.forEach((partition, settlements) -> partition.unsettled(settlements, why));
            sent.parts.clear();
        }
    }

    private List<Settlement<KafkaMessage>> takeOver(Partition partition) {
        List<Settlement<KafkaMessage>> settlements = partition.takeCovered();
        for (Sent sent : inFlight) {
            List<Settlement<KafkaMessage>> earlier = sent.parts.remove(partition);
            if (earlier != null) {
                settlements.addAll(earlier);
            }
        }
        return settlements;
    }

    private @Nullable RuntimeException send(Map<TopicPartition, OffsetAndMetadata> offsets, Duration atMost) {
        long until = intake.nanoTime() + atMost.toNanos();
        try {
            wakeup.undisturbed(() -> {
                client.commitSync(offsets, Duration.ofNanos(Math.max(0, until - intake.nanoTime())));
                return true;
            });
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    /** The broker takes less metadata than we thought. */
    private void sayLess() {
        mostMetadata = mostMetadata < 128 ? 0 : mostMetadata / 2;
        log.warn(
                "commit metadata is too large for the broker consumer={} next_most={}",
                intake.consumer(),
                mostMetadata);
    }

    private void note(@Nullable Exception error) {
        if (error instanceof RebalanceInProgressException) {
            log.debug("commit put off by a rebalance consumer={}", intake.consumer());
            return;
        }
        long now = intake.nanoTime();
        if (error != null && (!failing || now - warnedAt >= WARN_AGAIN.toNanos())) {
            warnedAt = now;
            log.warn("commit failed consumer={} error=\"{}\"", intake.consumer(), error.toString());
        } else if (error == null && failing) {
            log.info("commits work again consumer={}", intake.consumer());
        }
        failing = error != null;
    }

    /**
     * Whether the broker may have taken the rest of a commit: it answers for each partition, and the client throws the first error for
     * all of them.
     */
    private static boolean isOfOnePartition(@Nullable Throwable error) {
        return (error instanceof RetriableCommitFailedException && isOfOnePartition(error.getCause()))
                || error instanceof TopicAuthorizationException
                || error instanceof InvalidTopicException
                || error instanceof UnknownTopicOrPartitionException
                || error instanceof UnknownTopicIdException;
    }

    private static OffsetAndMetadata offset(Map<TopicPartition, OffsetAndMetadata> offsets, Partition partition) {
        OffsetAndMetadata offset = offsets.get(partition.id());
        if (offset == null) {
            throw new IllegalStateException("no offset for " + partition);
        }
        return offset;
    }

    /** What a failed commit says about settlements that no other commit will cover. */
    static Failure failure(Exception error) {
        boolean saidNo = error instanceof CommitFailedException
                || error instanceof RebalanceInProgressException
                || error instanceof FencedInstanceIdException
                || error instanceof AuthorizationException;
        return saidNo ? Failure.refused("commit refused", error) : Failure.unknown("commit not confirmed", error);
    }
}
