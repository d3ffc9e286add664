package io.lastcall.kafka;

import io.lastcall.spi.Capability;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.TopicPartition;

/**
 * Receives from Kafka topics as a member of a consumer group. Immutable: each setting gives a new value; safe for any thread.
 *
 * <p>Each assigned partition is a lane. Records may be settled in any order; what is committed is the offset of the first record
 * that is not settled. What is done behind one that is stuck or given back stands in the metadata of the commit, and is not handed out
 * again by another consumer of this kind; what finds no room there is, and is reported as unconfirmed at close. Kafka hands nothing
 * out again while a partition stays assigned: retries wait in the process, and so does what a handler releases, a second at least; in
 * a drain a release takes effect at the next assignment.
 *
 * <p>Handlers that run when a partition is taken away get {@link #revokeWait} to finish. With the eager protocol, which is Kafka's
 * default, every rebalance takes all partitions; {@code group.protocol=consumer} or the {@code CooperativeStickyAssignor} moves only
 * those that go elsewhere.
 */
public final class KafkaSource implements SourceFactory<KafkaMessage> {

    private static final int DEFAULT_LIMIT = 10_000;
    private static final Duration LONGEST = Duration.ofHours(1);

    private final SubscriptionSettings settings;

    /** Makes Kafka's consumer from its properties; {@code KafkaConsumer::new} unless it is said otherwise. */
    @FunctionalInterface
    public interface Clients {
        /**
         * Makes a client, on the thread that starts the consumer; its poll thread has it alone from then on, and closes it.
         *
         * @param properties all that were set, and those that this adapter sets
         * @return a client that has no subscription yet
         */
        Consumer<byte[], byte[]> make(Map<String, Object> properties);
    }

    private KafkaSource(SubscriptionSettings settings) {
        this.settings = settings;
    }

    /**
     * A source for topics.
     *
     * @param first a topic
     * @param more other topics
     * @return a source that still needs {@code bootstrap.servers} and a group
     */
    public static KafkaSource topics(String first, String... more) {
        List<String> all = new ArrayList<>(List.of(more));
        all.add(0, first);
        for (String topic : all) {
            if (topic.isBlank()) {
                throw new IllegalArgumentException("topics = " + all + ", none may be blank");
            }
        }
        return new KafkaSource(new SubscriptionSettings(new Subscription.Topics(all)));
    }

    /**
     * A source for all topics whose names match as a whole, those that are made later too (after {@code metadata.max.age.ms}).
     *
     * @param names a pattern, evaluated by the client
     * @return a source that still needs {@code bootstrap.servers} and a group
     */
    public static KafkaSource matching(Pattern names) {
        return new KafkaSource(new SubscriptionSettings(new Subscription.Matching(names)));
    }

    /**
     * A source for partitions that nobody deals out or takes away. The group only keeps the commits: it must have no other members, and
     * two consumers of the same partitions both get all of it.
     *
     * @param first a partition
     * @param more other partitions
     * @return a source that still needs {@code bootstrap.servers} and a group
     */
    public static KafkaSource partitions(TopicPartition first, TopicPartition... more) {
        List<TopicPartition> all = new ArrayList<>(List.of(more));
        all.add(0, first);
        if (Set.copyOf(all).size() < all.size()) {
            throw new IllegalArgumentException("partitions = " + all + ", none may be named twice");
        }
        return new KafkaSource(new SubscriptionSettings(new Subscription.Assigned(all)));
    }

    /**
     * Adds properties of Kafka's consumer.
     *
     * @param properties names as in Kafka's {@code ConsumerConfig}; a name that was set before is replaced
     * @return a new source
     * @throws IllegalArgumentException for {@code enable.auto.commit}, {@code key.deserializer} and {@code value.deserializer}, which
     *     are set by this adapter, and for a second, other {@code group.id}
     */
    public KafkaSource properties(Map<String, ?> properties) {
        return new KafkaSource(settings.withProperties(properties));
    }

    /**
     * Names the consumer group.
     *
     * @param group the {@code group.id}
     * @return a new source
     */
    public KafkaSource groupId(String group) {
        return properties(Map.of(ConsumerConfig.GROUP_ID_CONFIG, group));
    }

    /**
     * How long a settled record waits for its commit. More are repeated after a crash when it is longer; many settled records are
     * committed sooner.
     *
     * @param interval from 1 ms to 1 h; by default 1 s
     * @return a new source
     */
    public KafkaSource commitInterval(Duration interval) {
        if (interval.compareTo(Duration.ofMillis(1)) < 0 || interval.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "commitInterval = " + interval + ", must be from PT0.001S to " + LONGEST);
        }
        return new KafkaSource(settings.withCommitInterval(interval));
    }

    /**
     * The most records of one partition that are held or not yet covered by a commit. A partition that reaches it is paused: so a
     * record that is stuck stops its partition after this many others.
     *
     * @param records from 1 to 10,000,000; by default 10,000
     * @return a new source
     */
    public KafkaSource bound(int records) {
        if (records < 1 || records > 10_000_000) {
            throw new IllegalArgumentException("bound = " + records + ", must be from 1 to 10000000");
        }
        return new KafkaSource(settings.withBound(records));
    }

    /**
     * How long a rebalance waits for running handlers of a partition that is taken away, and after that again for the commit. The
     * whole group may wait with it.
     *
     * @param wait from 0 to 1 h; by default 5 s, or what {@code max.poll.interval.ms} allows; more than that is refused by {@link #open}
     * @return a new source
     */
    public KafkaSource revokeWait(Duration wait) {
        if (wait.isNegative() || wait.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("revokeWait = " + wait + ", must be from PT0S to " + LONGEST);
        }
        return new KafkaSource(settings.withRevokeWait(wait));
    }

    /**
     * Where partitions begin for which the group has committed nothing. The place is committed soon, so that a restart goes on from
     * there. Without this, {@code auto.offset.reset} decides, again at each start until something was handled.
     *
     * @param place the place
     * @return a new source
     */
    public KafkaSource startFrom(KafkaStart place) {
        return new KafkaSource(settings.withStart(place));
    }

    /**
     * Whether the member leaves its group when it closes.
     *
     * @param when by default {@link KafkaLeave#AUTO}
     * @return a new source
     */
    public KafkaSource leave(KafkaLeave when) {
        return new KafkaSource(settings.withLeave(when));
    }

    /**
     * Ends the consumer when it has handled all that was there when its partitions were assigned. It ends as a drain in mode
     * {@link io.lastcall.DrainMode#FINISH_ALL}; a member that is given no partition ends at once where its protocol tells it so
     * ({@code classic}), else when it is stopped.
     *
     * @return a new source
     */
    public KafkaSource runUntilCaughtUp() {
        return new KafkaSource(settings.withUntilCaughtUp());
    }

    /**
     * Lets a running consumer be moved to other places of its partitions.
     *
     * @param handle takes the orders; of one source at a time
     * @return a new source
     */
    public KafkaSource positions(KafkaPositions handle) {
        return new KafkaSource(settings.withPositions(handle));
    }

    /**
     * Takes its client from elsewhere: an instrumented one, or Kafka's {@code MockConsumer} in a test.
     *
     * @param made makes a new client for each start
     * @return a new source
     */
    public KafkaSource clients(Clients made) {
        return new KafkaSource(settings.withClients(made));
    }

    @Override
    public String name() {
        return "kafka:" + settings.subscription();
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of();
    }

    /** Fetching ahead costs nothing, and what is given back costs no attempt: 10,000, or twice the concurrency if that is more. */
    @Override
    public int defaultLimit(int concurrency) {
        return Math.max(DEFAULT_LIMIT, 2 * concurrency);
    }

    /**
     * A new member of the group.
     *
     * @return the source, not yet connected
     * @throws IllegalArgumentException when {@code bootstrap.servers} or the group is not set, or when settings contradict each other
     */
    @Override
    public Source<KafkaMessage> open() {
        settings.check();
        return new KafkaSubscription(settings);
    }
}
