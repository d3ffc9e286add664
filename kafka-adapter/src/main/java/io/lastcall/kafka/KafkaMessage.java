package io.lastcall.kafka;

import io.lastcall.message.Header;
import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Origin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record as a message, and its own receipt. Id, origin and headers are made when asked for. Immutable as far as others see; safe
 * for any thread.
 */
public final class KafkaMessage implements Message<byte[]> {

    private final ConsumerRecord<byte[], byte[]> record;
    private final Partition partition;
    private final int ticket;

    KafkaMessage(ConsumerRecord<byte[], byte[]> record, Partition partition, int ticket) {
        this.record = record;
        this.partition = partition;
        this.ticket = ticket;
    }

    Partition partition() {
        return partition;
    }

    int ticket() {
        return ticket;
    }

    /**
     * The partition it was read from.
     *
     * @return the number, from 0
     */
    public int partitionNumber() {
        return record.partition();
    }

    /**
     * Its place in the partition.
     *
     * @return the offset, from 0
     */
    public long offset() {
        return record.offset();
    }

    @Override
    public String id() {
        return partition.name() + "@" + record.offset();
    }

    @Override
    public Origin origin() {
        return new Origin("kafka", record.topic(), partition.name(), Long.toString(record.offset()));
    }

    @Override
    public byte @Nullable [] key() {
        return record.key();
    }

    @Override
    public byte @Nullable [] body() {
        return record.value();
    }

    @Override
    public Headers headers() {
        List<Header> all = new ArrayList<>();
        for (var header : record.headers()) {
            all.add(Header.of(header.key(), header.value()));
        }
        return Headers.of(all);
    }

    @Override
    public Instant timestamp() {
        return record.timestamp() < 0 ? Instant.EPOCH : Instant.ofEpochMilli(record.timestamp());
    }

    @Override
    public int attempt() {
        return 1;
    }

    @Override
    public String toString() {
        return id();
    }
}
