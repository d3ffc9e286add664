package io.lastcall.kafka;

import io.lastcall.testkit.simulation.Play;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The broker and the other members of the group. Not thread-safe. */
final class SimulatedCluster {

    static final String TOPIC = "played";

    final Plant plant;
    final boolean eager;
    private final Play play;
    private final List<SimulatedLog> logs;
    private final int failing;
    private final long latency;

    /** Of the newest source. */
    boolean stopAsked;

    boolean stopConfirmed;
    private boolean repaired;
    private @Nullable SimulatedClient client;

    SimulatedCluster(Play play, Plant plant) {
        this.play = play;
        this.plant = plant;
        this.eager = play.oneIn(3);
        this.failing = play.oneIn(2) ? 0 : play.between(1, 30);
        this.latency = play.magnitude(1_000, 50_000_000);
        this.logs = IntStream.range(0, play.between(1, 3))
                .mapToObj(it -> new SimulatedLog(new TopicPartition(TOPIC, it)))
                .toList();
    }

    List<SimulatedLog> logs() {
        return logs;
    }

    SimulatedLog log(TopicPartition id) {
        return logs.get(id.partition());
    }

    int failures() {
        return repaired ? 0 : failing;
    }

    long latency() {
        return latency / 2 + play.below((int) latency);
    }

    @Nullable
    SimulatedClient client() {
        return client;
    }

    void append() {
        SimulatedLog log = logs.get(play.below(logs.size()));
        log.append(play.below(4), play.oneIn(4));
        SimulatedClient now = client;
        if (now != null) {
            now.signal();
        }
    }

    void commit(Map<TopicPartition, OffsetAndMetadata> said) {
        said.forEach((id, at) -> log(id).committed = at);
    }

    // ---- the group ----

    /** A member has subscribed: it gets something soon. */
    void joined(SimulatedClient now) {
        client = now;
        play.after(latency(), () -> now.rebalance(repaired ? all() : some()));
    }

    private Set<TopicPartition> all() {
        Set<TopicPartition> ids = new LinkedHashSet<>();
        logs.forEach(it -> ids.add(it.id));
        return ids;
    }

    private Set<TopicPartition> some() {
        Set<TopicPartition> ids = all();
        ids.removeIf(id -> play.oneIn(4));
        return ids;
    }

    void rebalance() {
        SimulatedClient now = client;
        if (now != null && now.isOpen()) {
            now.rebalance(some());
        }
    }

    /** The session is over: others own the partitions before we hear of it. */
    void expel() {
        SimulatedClient now = client;
        if (now == null || !now.isOpen() || now.isExpelled()) {
            return;
        }
        now.expel();
        logs.forEach(this::visit);
        play.after(play.magnitude(1_000, 100_000_000), () -> now.rebalance(repaired ? all() : some()));
    }

    /** Another owner handles a little of what is not ours, and commits in its own way. */
    void visitOthers() {
        SimulatedClient now = client;
        for (SimulatedLog log : logs) {
            if (now == null || !now.isOpen() || (!now.owns(log.id) && play.oneIn(2))) {
                visit(log);
            }
        }
    }

    private void visit(SimulatedLog log) {
        log.forgotten = true;
        long from = log.start();
        OffsetAndMetadata known = log.committed;
        KafkaProgress before = KafkaProgress.of(known == null ? new OffsetAndMetadata(0) : known);
        long to = from;
        int left = play.below(3);
        for (ConsumerRecord<byte[], byte[]> record : log.records) {
            if (record.offset() < from) {
                continue;
            }
            if (!before.isDone(record.offset()) && left-- <= 0) {
                break;
            }
            log.done.set((int) record.offset());
            to = record.offset() + 1;
        }
        if (to > from || play.oneIn(3)) {
            log.committed = new OffsetAndMetadata(to, play.oneIn(2) ? "" : "foreign:" + play.below(9));
        }
    }

    /** Nothing goes wrong any more, and all is ours. */
    void repair() {
        repaired = true;
        SimulatedClient now = client;
        if (now != null && now.isOpen()) {
            now.rebalance(all());
        }
    }

    boolean isRepaired() {
        return repaired;
    }
}
