package io.lastcall.kafka;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/** A place in partitions: where a group begins that has committed nothing yet, or where a seek goes. Immutable. */
public sealed interface KafkaStart {

    /**
     * The first record that is still there.
     *
     * @return the place
     */
    static KafkaStart earliest() {
        return Edge.EARLIEST;
    }

    /**
     * Behind the last record.
     *
     * @return the place
     */
    static KafkaStart latest() {
        return Edge.LATEST;
    }

    /**
     * The first record with this timestamp or a later one; the end of a partition that has none.
     *
     * @param time compared with the timestamps of records
     * @return the place
     */
    static KafkaStart at(Instant time) {
        return new Time(time);
    }

    /**
     * These offsets.
     *
     * @param offsets for partitions, none negative; partitions without one begin as {@code auto.offset.reset} says, and a seek leaves
     *     them alone
     * @return the place
     * @throws IllegalArgumentException when an offset is negative or there is none
     */
    static KafkaStart offsets(Map<TopicPartition, Long> offsets) {
        return new Offsets(offsets);
    }

    /** Whether it decides alone where partitions begin, so that {@code auto.offset.reset} has no say. */
    default boolean resets() {
        return !(this instanceof Offsets);
    }

    /** What the client's {@code auto.offset.reset} is set to. */
    default Optional<String> reset() {
        if (this instanceof Edge edge) {
            return Optional.of(edge == Edge.EARLIEST ? "earliest" : "latest");
        }
        // Partitions are put to their places one by one; a failure to do so must not begin them anywhere else.
        return this instanceof Time ? Optional.of("none") : Optional.empty();
    }

    /** An end of each partition. */
    enum Edge implements KafkaStart {
        /** The first record. */
        EARLIEST,
        /** Behind the last one. */
        LATEST
    }

    /**
     * By timestamp.
     *
     * @param time the earliest
     */
    record Time(Instant time) implements KafkaStart {}

    /**
     * By offset.
     *
     * @param offsets where partitions begin
     */
    record Offsets(Map<TopicPartition, Long> offsets) implements KafkaStart {
        /** Copies and checks the offsets. */
        public Offsets {
            offsets = Map.copyOf(offsets);
            if (offsets.isEmpty()) {
                throw new IllegalArgumentException("offsets = {}, must name a partition");
            }
            offsets.forEach((partition, offset) -> {
                if (offset < 0) {
                    throw new IllegalArgumentException(
                            "offset of " + partition + " = " + offset + ", must not be negative");
                }
            });
        }
    }
}
