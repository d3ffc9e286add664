package io.lastcall.kafka;

import static java.util.Objects.requireNonNull;

import io.lastcall.spi.Intake;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that are ours, each with its lane, as the group gives and takes them. Poll thread only; the callbacks run inside its
 * polls.
 */
final class Assignments implements ConsumerRebalanceListener {

    private static final Logger log = LoggerFactory.getLogger(Assignments.class);

    private final Consumer<byte[], byte[]> client;
    private final Intake<KafkaMessage> intake;
    private final Requests requests;
    private final Wakeup wakeup;
    private final Arrival arrival;
    private final Departure departure;
    private final LaneRules rules;
    private final Shares shares;
    private final @Nullable CatchUp catchUp;

    // All: poll thread only.
    private final Map<TopicPartition, Partition> open = new LinkedHashMap<>();
    private long epoch;

    Assignments(
            Consumer<byte[], byte[]> client,
            Intake<KafkaMessage> intake,
            Requests requests,
            Wakeup wakeup,
            Arrival arrival,
            Departure departure,
            int bound,
            Shares shares,
            @Nullable CatchUp catchUp) {
        this.client = client;
        this.intake = intake;
        this.requests = requests;
        this.wakeup = wakeup;
        this.arrival = arrival;
        this.departure = departure;
        this.rules = LaneRules.PLAIN.boundedTo(bound);
        this.shares = shares;
        this.catchUp = catchUp;
    }

    Collection<Partition> all() {
        return open.values();
    }

    Set<TopicPartition> ids() {
        return Set.copyOf(open.keySet());
    }

    @Nullable
    Partition get(TopicPartition id) {
        return open.get(id);
    }

    /**
     * Pauses partitions that have no capacity, too much that no commit covers (S8), or their share while others may have something, and
     * resumes the others.
     *
     * @return whether one has too much, and waits for settlements
     */
    boolean balance() {
        List<TopicPartition> pause = new ArrayList<>();
        List<TopicPartition> resume = new ArrayList<>();
        boolean full = false;
        shares.divide(intake.limit(), open.size());
        for (Partition partition : open.values()) {
            boolean bounded = partition.unanswered() >= rules.bound();
            boolean wanted = !bounded && partition.lane().capacity() > 0 && shares.mayTake(partition.held());
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
        try {
            client.pause(client.assignment());
        } catch (IllegalStateException changed) {
            // The KIP-848 client takes partitions away on a thread of its own, also between the two calls.
            client.pause(client.assignment());
        }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> given) {
        wakeup.enterCallback();
        try {
            assigned(given);
        } finally {
            wakeup.leaveCallback();
        }
    }

    private void assigned(Collection<TopicPartition> given) {
        boolean stopping = requests.stopAsked.isDone();
        if (stopping) {
            client.pause(given); // first of all: a rebalance does not keep what was paused
        } else {
            if (catchUp != null) {
                catchUp.assigned(given);
            }
            if (given.isEmpty()) {
                return;
            }
            open(given, arrival.look(given));
        }
        log.info(
                "partitions assigned consumer={} partitions={} epoch={} stopping={}",
                intake.consumer(),
                given,
                epoch,
                stopping);
    }

    /**
     * The log of a partition has begun again at lower offsets: its topic was made anew, or its end was cut off. What was polled of the
     * old one is lost; a new lane knows nothing of it, and commits lower offsets than the broker has.
     */
    Partition beginAgain(Partition old, long offset) {
        log.warn(
                "the log has begun again consumer={} partition={} at={} expected={}",
                intake.consumer(),
                old,
                offset,
                old.next());
        TopicPartition id = old.id();
        onPartitionsLost(List.of(id));
        if (catchUp != null) {
            catchUp.assigned(List.of(id));
        }
        open(List.of(id), Arrival.Known.NOTHING);
        return requireNonNull(open.get(id));
    }

    /** Opens lanes in a new epoch. */
    void open(Collection<TopicPartition> given, Arrival.Known known) {
        epoch++;
        for (TopicPartition id : given) {
            String name = id.topic() + "-" + id.partition();
            Partition partition = new Partition(id, name, intake.open(new LaneId(name, epoch), rules));
            OffsetAndMetadata committed = known.committed().get(id);
            if (committed != null) {
                partition.wasDone(committed);
            }
            Long begin = known.begins().get(id);
            if (begin != null) {
                partition.fetchesNext(begin); // to be committed, or a restart that came soon would begin elsewhere
            }
            open.put(id, partition);
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> taken) {
        wakeup.enterCallback();
        try {
            if (catchUp != null) {
                catchUp.taken(taken);
            }
            close(taken);
        } finally {
            wakeup.leaveCallback();
        }
    }

    /** Drains the lanes of these partitions and forgets them. */
    void close(Collection<TopicPartition> taken) {
        List<Partition> leaving = remove(taken);
        if (!leaving.isEmpty()) {
            departure.revoked(leaving, () -> client.pause(open.keySet()));
        }
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> lost) {
        if (catchUp != null) {
            catchUp.taken(lost);
        }
        List<Partition> leaving = remove(lost);
        if (!leaving.isEmpty()) {
            departure.lost(leaving);
        }
    }

    /** The last commit, then no more: every settlement is answered. */
    void endAll(long deadline) {
        try {
            pauseAll();
        } finally {
            departure.closing(List.copyOf(open.values()), deadline);
            open.clear();
        }
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
}
