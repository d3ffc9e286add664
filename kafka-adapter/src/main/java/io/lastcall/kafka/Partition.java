package io.lastcall.kafka;

import io.lastcall.spi.Delivery;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Lane;
import io.lastcall.spi.Settlement;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** One partition while it is assigned to us: its lane, its ledger and what waits for a commit. Poll thread only, but for the name. */
final class Partition {

    private final TopicPartition id;
    private final String name;
    private final Lane<KafkaMessage> lane;
    private final OffsetLedger<Settlement<KafkaMessage>> ledger = new OffsetLedger<>();

    // The rest: poll thread only.
    private List<Settlement<KafkaMessage>> covered = new ArrayList<>();
    private int inFlight;
    private long confirmed = OffsetLedger.NONE;
    private boolean paused;
    private boolean ended;

    Partition(TopicPartition id, String name, Lane<KafkaMessage> lane) {
        this.id = id;
        this.name = name;
        this.lane = lane;
    }

    TopicPartition id() {
        return id;
    }

    String name() {
        return name;
    }

    Lane<KafkaMessage> lane() {
        return lane;
    }

    boolean paused() {
        return paused;
    }

    void paused(boolean now) {
        paused = now;
    }

    /** Hands polled records over; what the core refuses is forgotten, so that no commit passes it. */
    void offer(List<ConsumerRecord<byte[], byte[]>> records) {
        List<Delivery<KafkaMessage>> batch = new ArrayList<>(records.size());
        for (ConsumerRecord<byte[], byte[]> record : records) {
            KafkaMessage message = new KafkaMessage(record, this, ledger.polled(record.offset()));
            batch.add(new Delivery<>(message, message));
        }
        int first = batch.get(0).receipt().ticket();
        if (!lane.offer(batch)) {
            ledger.cutFrom(first);
        }
    }

    void fetchesNext(long offset) {
        ledger.fetchesNext(offset);
    }

    void done(Settlement<KafkaMessage> settlement) {
        ledger.done(settlement.delivery().receipt().ticket(), settlement);
    }

    void released(Settlement<KafkaMessage> settlement) {
        ledger.released(settlement.delivery().receipt().ticket());
    }

    /** How many records are held or wait for a commit to cover them (S8). */
    int unanswered() {
        return ledger.size() + covered.size() + inFlight;
    }

    /** The offset to commit now, or {@link OffsetLedger#NONE} when the broker has confirmed it already. */
    long toCommit() {
        ledger.takeCovered(covered);
        long offset = ledger.committable();
        return offset > confirmed ? offset : OffsetLedger.NONE;
    }

    /** What the offset of {@link #toCommit} covers; it is in flight until one of the next two is called. */
    List<Settlement<KafkaMessage>> takeCovered() {
        List<Settlement<KafkaMessage>> all = covered;
        inFlight += all.size();
        covered = new ArrayList<>();
        return all;
    }

    void confirmed(long offset, List<Settlement<KafkaMessage>> settlements) {
        confirmed = Math.max(confirmed, offset);
        inFlight -= settlements.size();
        if (!settlements.isEmpty()) {
            lane.settled(settlements);
        }
    }

    /** A commit failed; the next one covers the same and more. */
    void putBack(List<Settlement<KafkaMessage>> settlements) {
        inFlight -= settlements.size();
        settlements.addAll(covered);
        covered = settlements;
    }

    /** A commit failed and none will follow. */
    void unsettled(List<Settlement<KafkaMessage>> settlements, Failure why) {
        inFlight -= settlements.size();
        if (!settlements.isEmpty()) {
            lane.unsettled(settlements, why);
        }
    }

    boolean ended() {
        return ended;
    }

    /** No more commits: answers what is done and was not committed. Settlements that come later are refused. */
    void end(Failure uncommitted, Failure beyondGap) {
        ended = true;
        ledger.takeCovered(covered);
        unsettled(takeCovered(), uncommitted);
        List<Settlement<KafkaMessage>> beyond = new ArrayList<>();
        ledger.takeBeyond(beyond);
        if (!beyond.isEmpty()) {
            lane.unsettled(beyond, beyondGap);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
