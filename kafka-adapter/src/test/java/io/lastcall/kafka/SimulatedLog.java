package io.lastcall.kafka;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** One partition at the simulated broker: its records, what is committed, and what has truly been done. Not thread-safe. */
final class SimulatedLog {

    final TopicPartition id;
    final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();

    /** By offset: handled well by an owner that was one, or before. */
    final BitSet done = new BitSet();

    long end;

    @Nullable
    OffsetAndMetadata committed;

    /** What a new owner could know when the partition came to it last. */
    KafkaProgress atArrival = KafkaProgress.of(new OffsetAndMetadata(0));

    /** What was committed may say less than was done: somebody else owned it, or the adapter could not read it and began again. */
    boolean forgotten;

    SimulatedLog(TopicPartition id) {
        this.id = id;
    }

    /** Appends a record, behind a gap at times: a transaction marker, or what was compacted. */
    void append(int key, boolean gap) {
        if (gap) {
            end += 2;
        }
        records.add(new ConsumerRecord<>(id.topic(), id.partition(), end++, new byte[] {(byte) key}, new byte[0]));
    }

    /** A new owner comes; returns where it begins. */
    long arrive() {
        OffsetAndMetadata at = committed;
        atArrival = KafkaProgress.of(at == null ? new OffsetAndMetadata(0) : at);
        return start();
    }

    /** The owner asked what is done beyond the committed offset, and got no answer. */
    void unread() {
        atArrival = KafkaProgress.of(new OffsetAndMetadata(start()));
        forgotten = true;
    }

    long start() {
        OffsetAndMetadata at = committed;
        return at == null ? 0 : at.offset();
    }

    /** What a commit may not say: the offset of a record that it calls done and that is not; -1 where it tells the truth. */
    long lie(OffsetAndMetadata said) {
        KafkaProgress progress = KafkaProgress.of(said);
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (progress.isDone(record.offset()) && !done.get((int) record.offset())) {
                return record.offset();
            }
        }
        return -1;
    }

    /** Whether all that was done is committed. */
    boolean covered() {
        OffsetAndMetadata at = committed;
        KafkaProgress progress = KafkaProgress.of(at == null ? new OffsetAndMetadata(0) : at);
        return records.stream().allMatch(it -> progress.isDone(it.offset()) || !done.get((int) it.offset()));
    }

    boolean allDone() {
        return done.cardinality() == records.size();
    }
}
