package io.lastcall.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/** Looks up the offsets that a place stands for. Poll thread only. */
final class Places {

    private static final Duration LOOK_UP = Duration.ofSeconds(5);

    private final Consumer<byte[], byte[]> client;
    private final Wakeup wakeup;

    Places(Consumer<byte[], byte[]> client, Wakeup wakeup) {
        this.client = client;
        this.wakeup = wakeup;
    }

    /** The offset for each partition, but for those that the place does not name; throws what the client throws. */
    Map<TopicPartition, Long> find(KafkaStart place, Collection<TopicPartition> ids) {
        if (place instanceof KafkaStart.Offsets given) {
            Map<TopicPartition, Long> named = new LinkedHashMap<>(given.offsets());
            named.keySet().retainAll(ids);
            return named;
        }
        if (place instanceof KafkaStart.Time time) {
            return byTime(time, ids);
        }
        return place.equals(KafkaStart.Edge.EARLIEST)
                ? wakeup.undisturbed(() -> client.beginningOffsets(ids, LOOK_UP))
                : ends(ids);
    }

    Map<TopicPartition, Long> ends(Collection<TopicPartition> ids) {
        return wakeup.undisturbed(() -> client.endOffsets(ids, LOOK_UP));
    }

    private Map<TopicPartition, Long> byTime(KafkaStart.Time time, Collection<TopicPartition> ids) {
        Map<TopicPartition, Long> wanted = ids.stream()
                .collect(Collectors.toMap(Function.identity(), it -> time.time().toEpochMilli()));
        Map<TopicPartition, Long> found = new LinkedHashMap<>();
        wakeup.undisturbed(() -> client.offsetsForTimes(wanted, LOOK_UP)).forEach((id, at) -> {
            if (at != null) {
                found.put(id, at.offset());
            }
        });
        wanted.keySet().removeAll(found.keySet());
        if (!wanted.isEmpty()) {
            found.putAll(ends(wanted.keySet()));
        }
        return found;
    }
}
