package io.lastcall.kafka;

import io.lastcall.spi.Intake;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns the client: it polls until it is asked to close, also while everything is paused, since who does not poll
 * leaves the group. What it does in each round:
 *
 * <ol>
 *   <li>pauses what has no room, or everything once a stop was asked for;
 *   <li>books what workers have settled, and commits when it is time;
 *   <li>polls, and offers what came; the first poll that begins after the pause for a stop confirms the stop when it returns.
 * </ol>
 */
final class PollLoop implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(PollLoop.class);

    /** What closing the client gets of the time after the last commit, unless a third of all is less. */
    private static final long RESERVE_NANOS = Duration.ofSeconds(1).toNanos();

    private final Consumer<byte[], byte[]> client;
    private final Intake<KafkaMessage> intake;
    private final SubscriptionSettings settings;
    private final Requests requests;
    private final Wakeup wakeup;
    private final Inbox inbox;
    private final Commits commits;
    private final Assignments assignments;
    private final Shares shares;
    private final @Nullable CatchUp catchUp;
    private final Seeking seeking;

    /** Poll thread only: all that was to come has come. */
    private boolean over;

    PollLoop(
            Consumer<byte[], byte[]> client,
            Intake<KafkaMessage> intake,
            SubscriptionSettings settings,
            Requests requests,
            Wakeup wakeup,
            Inbox inbox,
            Commits commits,
            Assignments assignments,
            Shares shares,
            @Nullable CatchUp catchUp) {
        this.client = client;
        this.intake = intake;
        this.settings = settings;
        this.requests = requests;
        this.wakeup = wakeup;
        this.inbox = inbox;
        this.commits = commits;
        this.assignments = assignments;
        this.shares = shares;
        this.catchUp = catchUp;
        this.seeking = new Seeking(client, intake, requests, wakeup, assignments);
    }

    @Override
    public void run() {
        try {
            begin();
            while (!requests.closeAsked.isDone()) {
                round();
            }
        } catch (Throwable e) {
            log.warn("receiving failed consumer={} error=\"{}\"", intake.consumer(), e.toString());
            intake.failed(e);
        }
        requests.stopConfirmed.complete(null); // no round will follow
        close(awaitClose());
    }

    private void begin() {
        Subscription what = settings.subscription();
        if (what instanceof Subscription.Topics topics) {
            client.subscribe(topics.names(), assignments);
        } else if (what instanceof Subscription.Matching matching) {
            client.subscribe(matching.names(), assignments);
        } else if (what instanceof Subscription.Assigned assigned) {
            client.assign(assigned.partitions());
            wakeup.enterPoll();
            try {
                assignments.onPartitionsAssigned(assigned.partitions());
            } finally {
                wakeup.leavePoll();
            }
        }
    }

    private void round() {
        seeking.carryOut();
        boolean stopping = over || requests.stopAsked.isDone();
        boolean full = false;
        if (stopping) {
            assignments.pauseAll();
        } else {
            commits.done(inbox.book()); // what partitions hold is counted here
            full = assignments.balance();
        }
        book(full);
        commits.sendWhenDue(assignments.all());
        boolean confirming = requests.stopAsked.isDone() && stopping && !requests.stopConfirmed.isDone();
        Duration most = commits.untilDue(settings.longPoll());
        offer(poll(confirming ? Duration.ZERO : stopping ? most : shares.limit(most)));
        if (confirming) {
            requests.stopConfirmed.complete(null);
        }
        if (catchUp != null && !stopping && catchUp.isReached()) {
            over = true;
            assignments.pauseAll();
            log.info("caught up consumer={}", intake.consumer());
            intake.ended();
        }
    }

    /** What comes after the booking wakes us if a lane waits for it, or if no commit would be due for it yet. */
    private void book(boolean full) {
        inbox.awaited(true);
        commits.done(inbox.book());
        if (!full && commits.pending()) {
            inbox.awaited(false);
        }
    }

    private ConsumerRecords<byte[], byte[]> poll(Duration atMost) {
        try {
            boolean lasting = wakeup.enterPoll();
            ConsumerRecords<byte[], byte[]> came = client.poll(lasting ? atMost : Duration.ZERO);
            if (lasting && came.isEmpty()) {
                shares.nothingCame();
            }
            return came;
        } catch (WakeupException e) {
            return ConsumerRecords.empty();
        } finally {
            wakeup.leavePoll();
        }
    }

    private void offer(ConsumerRecords<byte[], byte[]> records) {
        for (TopicPartition id : records.partitions()) {
            Partition partition = assignments.get(id);
            if (partition != null) {
                List<ConsumerRecord<byte[], byte[]>> come = records.records(id);
                long first = come.get(0).offset();
                Partition open = first < partition.next() ? assignments.beginAgain(partition, first) : partition;
                shares.comes(open.held());
                open.offer(come);
            }
        }
        records.nextOffsets().forEach(this::fetchesNext);
    }

    private void fetchesNext(TopicPartition id, OffsetAndMetadata next) {
        Partition partition = assignments.get(id);
        if (partition != null) {
            partition.fetchesNext(next.offset());
        }
    }

    private long awaitClose() {
        while (!requests.closeAsked.isDone()) {
            try {
                intake.await(requests.closeAsked, Duration.ofDays(1));
            } catch (InterruptedException e) {
                log.warn("interrupted consumer={}, waiting on for close", intake.consumer());
            }
        }
        return requests.closeAsked.join();
    }

    /** Each step runs, whatever became of the one before. */
    private void close(long deadline) {
        Throwable problem = null;
        try {
            long left = deadline - intake.nanoTime();
            assignments.endAll(deadline - Math.min(RESERVE_NANOS, left / 3));
        } catch (Throwable e) {
            problem = e;
        }
        try {
            long left = Math.max(0, deadline - intake.nanoTime());
            client.close(CloseOptions.timeout(Duration.ofNanos(left))
                    .withGroupMembershipOperation(settings.leave().operation()));
        } catch (Throwable e) {
            problem = joined(problem, e);
        }
        try {
            inbox.close();
        } catch (Throwable e) {
            problem = joined(problem, e);
        }
        if (problem == null) {
            log.info("kafka closed consumer={}", intake.consumer());
            requests.ended.complete(null);
        } else {
            requests.ended.completeExceptionally(problem);
        }
        Seeking.refuseAll(requests); // whoever asks later sees the end
    }

    private static Throwable joined(@Nullable Throwable first, Throwable next) {
        if (first == null) {
            return next;
        }
        first.addSuppressed(next);
        return first;
    }
}
