package io.lastcall.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** What a subscription is made from. Immutable once {@link #with} has returned. */
final class SubscriptionSettings {

    static final Duration DEFAULT_REVOKE_WAIT = Duration.ofSeconds(5);

    private static final String BYTES = ByteArrayDeserializer.class.getName();
    private static final Set<String> OURS = Set.of(
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG);

    private static final AtomicInteger CLIENTS = new AtomicInteger();

    /** A sixth of Kafka's default: closing the client waits for a fetch that is under way, and so does every idle stop. */
    private static final int DEFAULT_FETCH_WAIT_MS = 75;

    private static final int DEFAULT_MAX_POLL_INTERVAL_MS = 300_000;
    private static final Duration LONGEST_POLL = Duration.ofSeconds(1);
    private static final Duration POLL_MARGIN = Duration.ofSeconds(5);

    // All: written while it is made, by the thread that makes it.
    private Subscription subscription;
    private Map<String, Object> properties = Map.of();
    private Duration commitInterval = Duration.ofSeconds(1);
    private int bound = 10_000;
    private @Nullable Duration revokeWait;
    private @Nullable KafkaStart start;
    private KafkaLeave leave = KafkaLeave.AUTO;
    private boolean untilCaughtUp;
    private @Nullable KafkaPositions positions;
    private KafkaSource.Clients clients = KafkaConsumer::new;

    SubscriptionSettings(Subscription subscription) {
        this.subscription = subscription;
    }

    private SubscriptionSettings(SubscriptionSettings from) {
        this.subscription = from.subscription;
        this.properties = from.properties;
        this.commitInterval = from.commitInterval;
        this.bound = from.bound;
        this.revokeWait = from.revokeWait;
        this.start = from.start;
        this.leave = from.leave;
        this.untilCaughtUp = from.untilCaughtUp;
        this.positions = from.positions;
        this.clients = from.clients;
    }

    private SubscriptionSettings with(Consumer<SubscriptionSettings> change) {
        SubscriptionSettings copy = new SubscriptionSettings(this);
        change.accept(copy);
        return copy;
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
        return with(it -> it.properties = Map.copyOf(all));
    }

    private static void put(Map<String, Object> all, String name, @Nullable Object value) {
        Objects.requireNonNull(value, name);
        Object before = all.put(name, value);
        if (before != null && name.equals(ConsumerConfig.GROUP_ID_CONFIG) && !before.equals(value)) {
            throw new IllegalArgumentException(name + " = " + value + ", but it was set to " + before + " before");
        }
    }

    SubscriptionSettings withCommitInterval(Duration interval) {
        return with(it -> it.commitInterval = interval);
    }

    SubscriptionSettings withBound(int records) {
        return with(it -> it.bound = records);
    }

    SubscriptionSettings withRevokeWait(Duration wait) {
        return with(it -> it.revokeWait = wait);
    }

    SubscriptionSettings withStart(KafkaStart from) {
        return with(it -> it.start = from);
    }

    SubscriptionSettings withLeave(KafkaLeave when) {
        return with(it -> it.leave = when);
    }

    SubscriptionSettings withUntilCaughtUp() {
        return with(it -> it.untilCaughtUp = true);
    }

    SubscriptionSettings withPositions(KafkaPositions handle) {
        return with(it -> it.positions = handle);
    }

    SubscriptionSettings withClients(KafkaSource.Clients made) {
        return with(it -> it.clients = made);
    }

    Subscription subscription() {
        return subscription;
    }

    Duration commitInterval() {
        return commitInterval;
    }

    int bound() {
        return bound;
    }

    Optional<KafkaStart> start() {
        return Optional.ofNullable(start);
    }

    KafkaLeave leave() {
        return leave;
    }

    boolean untilCaughtUp() {
        return untilCaughtUp;
    }

    Optional<KafkaPositions> positions() {
        return Optional.ofNullable(positions);
    }

    KafkaSource.Clients clients() {
        return clients;
    }

    /** Refuses a subscription that could never receive, or whose settings contradict each other. */
    void check() {
        require(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "properties(...)");
        require(ConsumerConfig.GROUP_ID_CONFIG, "groupId(...)");
        KafkaStart from = start;
        Object reset = properties.get(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG);
        if (from != null && reset != null && from.resets()) {
            throw new IllegalArgumentException(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG + " = " + reset
                    + ", must not be set beside startFrom(" + from + "), which sets it");
        }
        Duration wait = revokeWait;
        Duration most = mostRevokeWait();
        if (wait != null && wait.compareTo(most) > 0) {
            throw new IllegalArgumentException("revokeWait = " + wait + ", must not be above " + most + " with "
                    + ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG + " = "
                    + maxPollInterval().toMillis()
                    + ": a rebalance may wait that long twice, for handlers and for the commit, and the client must be"
                    + " polled again in time or loses its partitions");
        }
    }

    private void require(String name, String call) {
        if (String.valueOf(properties.getOrDefault(name, "")).isBlank()) {
            throw new IllegalArgumentException(
                    name + " of the source for " + subscription + " is not set: set it by " + call);
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
        start().flatMap(KafkaStart::reset).ifPresent(reset -> all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, reset));
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

    /** The wait in a rebalance, such that the client is polled again in time. */
    Duration revokeLimit() {
        Duration wait = revokeWait;
        return shorter(wait == null ? DEFAULT_REVOKE_WAIT : wait, mostRevokeWait());
    }

    private Duration mostRevokeWait() {
        Duration limit = maxPollInterval();
        Duration most =
                limit.compareTo(POLL_MARGIN.multipliedBy(2)) > 0 ? limit.minus(POLL_MARGIN) : limit.dividedBy(2);
        return most.dividedBy(2); // it is spent twice
    }

    private Duration maxPollInterval() {
        Object value =
                properties.getOrDefault(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, DEFAULT_MAX_POLL_INTERVAL_MS);
        long millis;
        try {
            millis = Long.parseLong(value.toString());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG + " = " + value + ", must be a number", e);
        }
        if (millis < 1) {
            throw new IllegalArgumentException(
                    ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG + " = " + value + ", must be at least 1");
        }
        return Duration.ofMillis(millis);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
