package io.lastcall.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Knows when all has been polled that was there when the partitions came. While some are taken, and until the group has given what it
 * has for us, nothing is reached: between the two halves of a rebalance there may be no partition at all. Poll thread only.
 */
final class CatchUp {

    private static final Duration ASK = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> client;
    private final Wakeup wakeup;
    private final Places places;

    // Both: poll thread only.
    private final Map<TopicPartition, Long> goals = new HashMap<>();
    private boolean assigned;

    CatchUp(Consumer<byte[], byte[]> client, Wakeup wakeup) {
        this.client = client;
        this.wakeup = wakeup;
        this.places = new Places(client, wakeup);
    }

    void assigned(Collection<TopicPartition> given) {
        assigned = true;
        if (!given.isEmpty()) {
            goals.putAll(places.ends(given));
        }
    }

    /** More is to come: each rebalance ends with what it gives, be it nothing. */
    void taken(Collection<TopicPartition> ids) {
        assigned = false;
        goals.keySet().removeAll(ids);
    }

    /** Between two polls. */
    boolean isReached() {
        goals.entrySet().removeIf(goal -> position(goal.getKey()) >= goal.getValue());
        return assigned && goals.isEmpty();
    }

    private long position(TopicPartition id) {
        try {
            return wakeup.undisturbed(() -> client.position(id, ASK));
        } catch (TimeoutException notKnownYet) {
            return -1;
        }
    }
}
