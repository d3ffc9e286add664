package io.lastcall.kafka;

import io.lastcall.testkit.simulation.Play;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * Kafka's consumer as its Javadoc describes it, on a simulated cluster: rebalances run inside of polls, callbacks of commits too,
 * a wake-up sticks until the next call that blocks. Says at once when the adapter breaks a rule. One thread, as Kafka wants it.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // one thread; a monitor would be held while others take turns
final class SimulatedClient extends MockConsumer<byte[], byte[]> {

    /** One partition as the client sees it. */
    private static final class Assigned {
        long position;
        boolean paused;

        Assigned(long position) {
            this.position = position;
        }
    }

    private final Play play;
    private final SimulatedCluster cluster;
    private final Map<TopicPartition, Assigned> assigned = new LinkedHashMap<>();
    private final Queue<Runnable> answers = new ArrayDeque<>();
    private final Queue<Runnable> events = new ArrayDeque<>();
    private CompletableFuture<Void> something = new CompletableFuture<>();
    private @Nullable ConsumerRebalanceListener listener;
    private @Nullable Thread owner;
    private boolean woken;
    private boolean closed;
    private boolean inAssigned;
    /** Counts assignments, as the group does. */
    private int generation;

    /** When the coordinator is through with the commits that were sent: it takes those of one connection in order. */
    private long busyUntil;

    /** The coordinator has put us out, and we have not heard of it yet. */
    private boolean expelled;

    SimulatedClient(Play play, SimulatedCluster cluster) {
        super("none");
        this.play = play;
        this.cluster = cluster;
    }

    // ---- what the cluster does ----

    boolean isOpen() {
        return listener != null && !closed;
    }

    boolean owns(TopicPartition id) {
        return assigned.containsKey(id);
    }

    boolean isExpelled() {
        return expelled;
    }

    /** Something for the next poll. */
    void event(Runnable event) {
        events.add(event);
        signal();
    }

    void signal() {
        something.complete(null);
    }

    void expel() {
        expelled = true;
        event(() -> {
            Set<TopicPartition> lost = Set.copyOf(assigned.keySet());
            assigned.clear();
            expelled = false;
            if (cluster.plant == Plant.COMMIT_AFTER_LOST) {
                listener().onPartitionsRevoked(lost);
            } else {
                listener().onPartitionsLost(lost);
            }
        });
    }

    /** Gives these partitions and no others, as the protocol does. */
    void rebalance(Set<TopicPartition> target) {
        event(() -> {
            Set<TopicPartition> leaving = new java.util.LinkedHashSet<>(assigned.keySet());
            if (!cluster.eager) {
                leaving.removeAll(target);
            }
            if (!leaving.isEmpty()) {
                listener().onPartitionsRevoked(leaving);
                assigned.keySet().removeAll(leaving);
                play.interleave();
            }
            if (cluster.plant == Plant.RESUME_FORGOTTEN_AFTER_A_REBALANCE) {
                assigned.values().forEach(it -> it.paused = true);
            }
            generation++;
            List<TopicPartition> coming = new ArrayList<>(target);
            coming.removeAll(assigned.keySet());
            for (TopicPartition id : coming) {
                assigned.put(id, new Assigned(cluster.log(id).arrive()));
            }
            inAssigned = true;
            listener().onPartitionsAssigned(coming);
            inAssigned = false;
        });
    }

    private ConsumerRebalanceListener listener() {
        ConsumerRebalanceListener given = listener;
        if (given == null) {
            throw new IllegalStateException("nothing was subscribed");
        }
        return given;
    }

    // ---- Consumer ----

    private void enter() {
        Thread now = Thread.currentThread();
        if (owner == null) {
            owner = now;
        }
        if (!now.equals(owner)) {
            play.violated("two threads use the client");
        }
        if (closed) {
            throw new IllegalStateException("This consumer has already been closed.");
        }
    }

    @Override
    public void subscribe(Collection<String> topics, ConsumerRebalanceListener given) {
        enter();
        listener = given;
        cluster.joined(this);
    }

    @Override
    public Set<TopicPartition> assignment() {
        return Set.copyOf(assigned.keySet());
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration atMost) {
        enter();
        long until = play.elapsed() + atMost.toNanos();
        while (true) {
            play.interleave();
            throwIfWoken();
            for (Runnable answer = answers.poll(); answer != null; answer = answers.poll()) {
                answer.run();
            }
            for (Runnable event = events.poll(); event != null; event = events.poll()) {
                event.run();
                play.interleave();
            }
            throwIfWoken();
            ConsumerRecords<byte[], byte[]> found = fetch();
            if (!found.isEmpty()) {
                play.interleave();
                return plantedStop() ? withoutFirst(found) : found;
            }
            long left = until - play.elapsed();
            if (left <= 0) {
                return found;
            }
            something = new CompletableFuture<>();
            if (events.isEmpty() && !woken) {
                play.await(something, left);
            }
        }
    }

    /** The stop was asked for while this poll was about to return. */
    private boolean plantedStop() {
        return cluster.plant == Plant.RECORD_POLLED_IN_THE_STOP_DROPPED && cluster.stopAsked;
    }

    private static ConsumerRecords<byte[], byte[]> withoutFirst(ConsumerRecords<byte[], byte[]> found) {
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> all = new LinkedHashMap<>();
        for (TopicPartition id : found.partitions()) {
            List<ConsumerRecord<byte[], byte[]>> some = found.records(id);
            if (some.size() > 1) {
                all.put(id, some.subList(1, some.size()));
            }
        }
        return new ConsumerRecords<>(all, found.nextOffsets());
    }

    private void throwIfWoken() {
        if (woken) {
            woken = false;
            throw new WakeupException();
        }
    }

    private ConsumerRecords<byte[], byte[]> fetch() {
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> all = new LinkedHashMap<>();
        Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
        assigned.forEach((id, mine) -> {
            SimulatedLog log = cluster.log(id);
            if (mine.paused || mine.position >= log.end || play.oneIn(3)) {
                return;
            }
            List<ConsumerRecord<byte[], byte[]>> some = log.records.stream()
                    .filter(it -> it.offset() >= mine.position)
                    .limit(play.between(1, 4))
                    .toList();
            if (!some.isEmpty()) {
                all.put(id, some);
                mine.position = some.get(some.size() - 1).offset() + 1;
                if (log.records.get(log.records.size() - 1).offset() < mine.position && play.oneIn(2)) {
                    mine.position = log.end;
                }
                next.put(id, new OffsetAndMetadata(mine.position));
            }
        });
        if (!all.isEmpty() && cluster.stopConfirmed) {
            play.violated("polled after the stop was confirmed: " + all.keySet());
        }
        return new ConsumerRecords<>(all, next);
    }

    @Override
    public void pause(Collection<TopicPartition> ids) {
        setPaused(ids, true);
    }

    @Override
    public void resume(Collection<TopicPartition> ids) {
        setPaused(ids, false);
    }

    private void setPaused(Collection<TopicPartition> ids, boolean now) {
        enter();
        if (inAssigned && cluster.plant == Plant.PAUSE_FORGOTTEN_AFTER_A_REBALANCE) {
            return;
        }
        for (TopicPartition id : ids) {
            Assigned mine = assigned.get(id);
            if (mine == null) {
                throw new IllegalStateException("No current assignment for partition " + id);
            }
            mine.paused = now;
        }
    }

    @Override
    public void seek(TopicPartition id, long offset) {
        enter();
        Assigned mine = assigned.get(id);
        if (mine == null) {
            throw new IllegalStateException("No current assignment for partition " + id);
        }
        mine.position = offset;
        cluster.log(id).atArrival = KafkaProgress.of(new OffsetAndMetadata(0)); // all may come again
    }

    @Override
    public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> ids, Duration atMost) {
        block(atMost);
        Map<TopicPartition, Long> all = new HashMap<>();
        ids.forEach(id -> all.put(id, 0L));
        return all;
    }

    @Override
    public Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> ids, Duration atMost) {
        block(atMost);
        if (play.percent(cluster.failures())) {
            ids.forEach(id -> cluster.log(id).unread());
            throw new TimeoutException("committed");
        }
        Map<TopicPartition, OffsetAndMetadata> all = new HashMap<>();
        if (expelled) {
            ids.forEach(id -> cluster.log(id).atArrival = KafkaProgress.of(new OffsetAndMetadata(0)));
        }
        for (TopicPartition id : ids) {
            OffsetAndMetadata at = cluster.log(id).committed;
            if (at != null
                    && cluster.plant == Plant.METADATA_TRUSTED_BLINDLY
                    && at.metadata().startsWith("foreign")) {
                DoneBeyond.Writer claim = new DoneBeyond.Writer(at.offset(), 1_000);
                claim.add(at.offset() + 1, at.offset() + 3);
                all.put(id, new OffsetAndMetadata(at.offset(), claim.text()));
            } else {
                all.put(id, at);
            }
        }
        return all;
    }

    /** A call to the broker: takes a while, and a wake-up ends it. */
    private void block(Duration atMost) {
        enter();
        throwIfWoken();
        play.await(new CompletableFuture<>(), Math.min(atMost.toNanos(), cluster.latency()));
        throwIfWoken();
    }

    // ---- commits ----

    private Map<TopicPartition, OffsetAndMetadata> checked(Map<TopicPartition, OffsetAndMetadata> offsets) {
        Map<TopicPartition, OffsetAndMetadata> said = new HashMap<>(offsets);
        if (cluster.plant == Plant.COMMIT_PAST_A_GAP) {
            said.replaceAll((id, at) -> {
                Assigned mine = assigned.get(id);
                return mine == null ? at : new OffsetAndMetadata(mine.position);
            });
        }
        said.forEach((id, at) -> {
            if (!assigned.containsKey(id)) {
                play.violated("commits " + at.offset() + " of " + id + ", which it does not have");
            }
            long lie = cluster.log(id).lie(at);
            if (lie >= 0) {
                play.violated("commits " + at + " of " + id + ", but " + lie + " is not done");
            }
        });
        return said;
    }

    /** What the broker says; empty when it takes the commit. */
    private @Nullable RuntimeException apply(Map<TopicPartition, OffsetAndMetadata> said, int sentIn) {
        if (sentIn != generation || expelled || closed || !assigned.keySet().containsAll(said.keySet())) {
            return new CommitFailedException("expelled");
        }
        if (!events.isEmpty() && cluster.eager && play.oneIn(2)) {
            return new RebalanceInProgressException("rebalance");
        }
        if (play.percent(cluster.failures())) {
            if (play.oneIn(2)) {
                cluster.commit(said);
            }
            return new TimeoutException("no answer");
        }
        cluster.commit(said);
        return null;
    }

    private long untilApplied() {
        busyUntil = Math.max(busyUntil + 1, play.elapsed() + cluster.latency());
        return busyUntil - play.elapsed();
    }

    @Override
    public void commitAsync(Map<TopicPartition, OffsetAndMetadata> offsets, OffsetCommitCallback callback) {
        enter();
        Map<TopicPartition, OffsetAndMetadata> said = checked(offsets);
        int sentIn = generation;
        play.after(untilApplied(), () -> {
            RuntimeException error = apply(said, sentIn);
            Exception told = error instanceof TimeoutException
                    ? new org.apache.kafka.clients.consumer.RetriableCommitFailedException((RetriableException) error)
                    : error;
            answers.add(() -> callback.onComplete(offsets, told));
            if (cluster.eager) {
                signal(); // the newer client calls back between polls only
            }
        });
    }

    @Override
    public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration atMost) {
        enter();
        throwIfWoken();
        for (Runnable answer = answers.poll(); answer != null; answer = answers.poll()) {
            answer.run();
        }
        if (cluster.plant == Plant.LAST_COMMIT_FORGOTTEN) {
            return;
        }
        Map<TopicPartition, OffsetAndMetadata> said = checked(offsets);
        long latency = untilApplied();
        if (latency > atMost.toNanos()) {
            int sentIn = generation;
            play.after(latency, () -> apply(said, sentIn));
            play.await(new CompletableFuture<>(), atMost.toNanos());
            throw new TimeoutException("commit");
        }
        play.await(new CompletableFuture<>(), latency);
        RuntimeException error = apply(said, generation);
        if (error != null) {
            throw error;
        }
    }

    /** The planted fault of an adapter that does not know epochs. */
    void commitStale(TopicPartition id, long offset) {
        if (assigned.containsKey(id)) {
            event(() -> checked(Map.of(id, new OffsetAndMetadata(offset + 1))));
        }
    }

    @Override
    public void wakeup() {
        woken = true;
        signal();
    }

    @Override
    public void close(CloseOptions options) {
        enter();
        if (!assigned.isEmpty()) {
            if (expelled || !events.isEmpty()) {
                listener().onPartitionsLost(assignment());
            } else {
                listener().onPartitionsRevoked(assignment());
            }
        }
        if (play.percent(cluster.failures())) {
            play.await(
                    new CompletableFuture<>(),
                    options.timeout().orElse(Duration.ofSeconds(30)).toNanos());
        }
        assigned.clear();
        closed = true;
    }
}
