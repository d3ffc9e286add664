package io.lastcall.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription is made from. Immutable.
 *
 * @param topics at least one
 * @param properties of the client, without what is ours to set
 * @param commitInterval how long a done record waits for its commit at most, while the broker answers
 * @param bound the most records of one partition that are held or not covered by a commit
 * @param revokeWait how long a rebalance waits for handlers, and then again for its commit
 */
record SubscriptionSettings(
        List<String> topics, Map<String, Object> properties, Duration commitInterval, int bound, Duration revokeWait) {

    private static final String BYTES = ByteArrayDeserializer.class.getName();
    private static final Set<String> OURS = Set.of(
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG);

    private static final AtomicInteger CLIENTS = new AtomicInteger();
    /** Half of Kafka's default: closing the client waits for a fetch that is under way. */
    private static final int DEFAULT_FETCH_WAIT_MS = 250;

    private static final int DEFAULT_MAX_POLL_INTERVAL_MS = 300_000;
    private static final Duration LONGEST_POLL = Duration.ofSeconds(1);
    private static final Duration POLL_MARGIN = Duration.ofSeconds(5);

    /** Copies the collections. */
    SubscriptionSettings {
        topics = List.copyOf(topics);
        properties = Map.copyOf(properties);
    }

    SubscriptionSettings withProperties(Map<String, ?> more) {
        for (String name : OURS) {
            if (more.containsKey(name)) {
                throw new IllegalArgumentException(name + " = " + more.get(name)
                        + ", must not be set: records are read as bytes, and committed once they are settled");
            }
        }
        Map<String, Object> all = new HashMap<>(properties);
        more.forEach((name, value) -> put(all, name, value));
        return new SubscriptionSettings(topics, all, commitInterval, bound, revokeWait);
    }

    private void put(Map<String, Object> all, String name, @Nullable Object value) {
        Objects.requireNonNull(value, name);
        Object before = all.put(name, value);
        if (before != null && name.equals(ConsumerConfig.GROUP_ID_CONFIG) && !before.equals(value)) {
            throw new IllegalArgumentException(name + " = " + value + ", but it was set to " + before + " before");
        }
    }

    /** Refuses a subscription that could never receive. */
    void check() {
        require(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "properties(...)");
        require(ConsumerConfig.GROUP_ID_CONFIG, "groupId(...)");
    }

    private void require(String name, String call) {
        if (String.valueOf(properties.getOrDefault(name, "")).isBlank()) {
            throw new IllegalArgumentException(
                    name + " of the source for topics " + topics + " is not set: set it by " + call);
        }
    }

    String group() {
        return String.valueOf(properties.get(ConsumerConfig.GROUP_ID_CONFIG));
    }

    /** All that the client is made with. */
    Map<String, Object> forClient(String consumer) {
        Map<String, Object> all = new HashMap<>(properties);
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, BYTES);
        all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, BYTES);
        all.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, DEFAULT_FETCH_WAIT_MS);
        all.putIfAbsent(ConsumerConfig.CLIENT_ID_CONFIG, consumer + "-" + CLIENTS.incrementAndGet());
        return all;
    }

    /** How many done records are worth a commit before the interval is over. */
    int commitAfter() {
        return Math.max(1, Math.min(5_000, bound / 2));
    }

    /** The longest poll while nothing happens: soon enough for {@code max.poll.interval.ms}. */
    Duration longPoll() {
        return shorter(LONGEST_POLL, maxPollInterval().dividedBy(4));
    }

    /** The wait in a rebalance, cut so that the client is polled again in time. */
    Duration revokeLimit() {
        Duration limit = maxPollInterval();
        Duration most =
                limit.compareTo(POLL_MARGIN.multipliedBy(2)) > 0 ? limit.minus(POLL_MARGIN) : limit.dividedBy(2);
        return shorter(revokeWait, most.dividedBy(2)); // it is spent twice
    }

    private Duration maxPollInterval() {
        Object value =
                properties.getOrDefault(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, DEFAULT_MAX_POLL_INTERVAL_MS);
        return Duration.ofMillis(Long.parseLong(value.toString()));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
