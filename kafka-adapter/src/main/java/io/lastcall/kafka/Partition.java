package io.lastcall.kafka;

import io.lastcall.spi.Delivery;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Lane;
import io.lastcall.spi.Settlement;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** One partition while it is assigned to us: its lane, its ledger and what waits for a commit. Poll thread only, but for the name. */
final class Partition {

    private final TopicPartition id;
    private final String name;
    private final Lane<KafkaMessage> lane;
    private final OffsetLedger<Settlement<KafkaMessage>> ledger = new OffsetLedger<>();

    // The rest: poll thread only.
    private List<Settlement<KafkaMessage>> covered = new ArrayList<>();
    private int inFlight;
    private int held;
    /** What the broker has confirmed last; null before. */
    private @Nullable OffsetAndMetadata confirmed;
    /** What an earlier owner has done, until the committed offset is past all of it. */
    private DoneBeyond before = DoneBeyond.NOTHING;
    /** What the group had committed when the partition came to us. */
    private long began = OffsetLedger.NONE;

    /** The offset that was to be committed last, and since when it is. */
    private long head = OffsetLedger.NONE;

    private long headSince;
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

    /** What was done beyond the committed offset before the partition came to us. */
    void wasDone(OffsetAndMetadata committed) {
        began = committed.offset();
        before = DoneBeyond.read(committed.offset(), committed.metadata());
    }

    /**
     * Hands polled records over, but for those that were done before; what the core refuses is forgotten, so that no commit passes it.
     */
    void offer(List<ConsumerRecord<byte[], byte[]>> records) {
        List<Delivery<KafkaMessage>> batch = new ArrayList<>(records.size());
        for (ConsumerRecord<byte[], byte[]> record : records) {
            int ticket = ledger.polled(record.offset());
            if (before.contains(record.offset())) {
                ledger.doneBefore(ticket);
            } else {
                KafkaMessage message = new KafkaMessage(record, this, ticket);
                batch.add(new Delivery<>(message, message));
            }
        }
        if (batch.isEmpty()) {
            return;
        }
        if (lane.offer(batch)) {
            held += batch.size();
        } else {
            ledger.cutFrom(batch.get(0).receipt().ticket());
        }
    }

    /** The offset that the next record should have at least, {@link OffsetLedger#NONE} when unknown. */
    long next() {
        return ledger.next() == OffsetLedger.NONE ? began : ledger.next();
    }

    void fetchesNext(long offset) {
        ledger.fetchesNext(offset);
    }

    void done(Settlement<KafkaMessage> settlement) {
        held--;
        ledger.done(settlement.delivery().receipt().ticket(), settlement);
    }

    void released(Settlement<KafkaMessage> settlement) {
        held--;
        ledger.released(settlement.delivery().receipt().ticket());
    }

    /** How many records were offered and are not booked yet as done or given back. */
    int held() {
        return held;
    }

    /** How many records are held or wait for a commit to cover them (S8). */
    int unanswered() {
        return ledger.size() + covered.size() + inFlight;
    }

    /**
     * What to commit now; null when nothing is known or the broker has confirmed it already. What is done beyond the offset is written
     * beside it only where a record holds it up for long: in passing, that would cost more than it saves.
     *
     * @param patience for how long the offset must have stood still, in nanoseconds
     */
    @Nullable
    OffsetAndMetadata toCommit(int mostMetadata, long now, long patience) {
        ledger.takeCovered(covered);
        long offset = ledger.committable();
        if (offset == OffsetLedger.NONE || (confirmed != null && offset < confirmed.offset())) {
            return null;
        }
        if (offset != head) {
            head = offset;
            headSince = now;
        }
        if (!before.reaches(offset)) {
            before = DoneBeyond.NOTHING;
        }
        DoneBeyond.Writer beyond = new DoneBeyond.Writer(offset, mostMetadata);
        if (now - headSince >= patience || !before.isEmpty()) {
            ledger.addBeyond(beyond);
            before.addTo(beyond, Math.max(offset, ledger.next()));
        }
        OffsetAndMetadata said = new OffsetAndMetadata(offset, beyond.text());
        return said.equals(confirmed) ? null : said;
    }

    /** What the offset of {@link #toCommit} covers; it is in flight until one of the next two is called. */
    List<Settlement<KafkaMessage>> takeCovered() {
        List<Settlement<KafkaMessage>> all = covered;
        inFlight += all.size();
        covered = new ArrayList<>();
        return all;
    }

    void confirmed(OffsetAndMetadata now, List<Settlement<KafkaMessage>> settlements) {
        if (confirmed == null || now.offset() >= confirmed.offset()) {
            confirmed = now;
        }
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

    /**
     * No more commits: answers what is done and was not committed. Settlements that come later are refused.
     *
     * @param committed whether the last commit went well, and with it what its metadata says
     */
    void end(Failure uncommitted, Failure beyondGap, boolean committed) {
        ended = true;
        ledger.takeCovered(covered);
        unsettled(takeCovered(), uncommitted);
        DoneBeyond told = committed && confirmed != null
                ? DoneBeyond.read(confirmed.offset(), confirmed.metadata())
                : DoneBeyond.NOTHING;
        List<Settlement<KafkaMessage>> kept = new ArrayList<>();
        List<Settlement<KafkaMessage>> left = new ArrayList<>();
        List<Settlement<KafkaMessage>> beyond = new ArrayList<>();
        ledger.takeBeyond(beyond);
        for (Settlement<KafkaMessage> one : beyond) {
            (told.contains(one.delivery().receipt().offset()) ? kept : left).add(one);
        }
        if (!kept.isEmpty()) {
            lane.settled(kept);
        }
        if (!left.isEmpty()) {
            lane.unsettled(left, beyondGap);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
