package io.lastcall.kafka;

import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * What a group has done of one partition, as its committed offset and the metadata beside it say; for tools that look at a group from
 * outside. Immutable.
 */
public final class KafkaProgress {

    private final long committed;
    private final DoneBeyond beyond;

    private KafkaProgress(long committed, DoneBeyond beyond) {
        this.committed = committed;
        this.beyond = beyond;
    }

    /**
     * Reads what was committed. Metadata that is neither from here nor from Confluent's Parallel Consumer says nothing: then all from the
     * offset on is not done.
     *
     * @param committed as an admin client or a consumer of the group gives it
     * @return the progress
     */
    public static KafkaProgress of(OffsetAndMetadata committed) {
        return new KafkaProgress(committed.offset(), DoneBeyond.read(committed.offset(), committed.metadata()));
    }

    /**
     * Whether a record is done: it will not be handed out again.
     *
     * @param offset the record's
     * @return true below the committed offset, and for what is done beyond it
     */
    public boolean isDone(long offset) {
        return offset < committed || beyond.contains(offset);
    }
}
