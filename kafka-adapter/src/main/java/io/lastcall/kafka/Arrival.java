package io.lastcall.kafka;

import io.lastcall.spi.Intake;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done before the first record of partitions that have come: what the group has done of them, and where they begin. Poll thread only. */
final class Arrival {

    private static final Logger log = LoggerFactory.getLogger(Arrival.class);
    private static final Duration READ_PROGRESS = Duration.ofSeconds(5);

    private final Consumer<byte[], byte[]> client;
    private final Intake<KafkaMessage> intake;
    private final Wakeup wakeup;
    private final SubscriptionSettings settings;
    private final Places places;

    Arrival(
            Consumer<byte[], byte[]> client,
            Intake<KafkaMessage> intake,
            Wakeup wakeup,
            SubscriptionSettings settings) {
        this.client = client;
        this.intake = intake;
        this.wakeup = wakeup;
        this.settings = settings;
        this.places = new Places(client, wakeup);
    }

    /**
     * What is known of partitions that have come.
     *
     * @param committed what the group has committed, of those that have a commit
     * @param begins where others were put to
     */
    record Known(Map<TopicPartition, OffsetAndMetadata> committed, Map<TopicPartition, Long> begins) {
        static final Known NOTHING = new Known(Map.of(), Map.of());
    }

    /**
     * Reads what the group has committed, and puts partitions without a commit to their place. What cannot be read counts as not done, so
     * that it is repeated; but where partitions begin at a place that the client does not know, nobody knows then whether they have
     * begun already, so it throws.
     */
    Known look(Collection<TopicPartition> given) {
        try {
            Map<TopicPartition, OffsetAndMetadata> committed =
                    wakeup.undisturbed(() -> client.committed(Set.copyOf(given), READ_PROGRESS));
            return new Known(
                    committed,
                    settings.start()
                            .map(place -> begin(place, given, committed))
                            .orElse(Map.of()));
        } catch (KafkaException e) {
            if (settings.start().filter(it -> !(it instanceof KafkaStart.Edge)).isPresent()) {
                throw e;
            }
            log.warn(
                    "what was done beyond the committed offsets could not be read, it comes again consumer={} partitions={}"
                            + " error=\"{}\"",
                    intake.consumer(),
                    given,
                    e.toString());
            return Known.NOTHING;
        }
    }

    private Map<TopicPartition, Long> begin(
            KafkaStart place, Collection<TopicPartition> given, Map<TopicPartition, OffsetAndMetadata> committed) {
        Set<TopicPartition> fresh = new HashSet<>(given);
        fresh.removeIf(id -> committed.get(id) != null);
        if (fresh.isEmpty()) {
            return Map.of();
        }
        Map<TopicPartition, Long> begins = places.find(place, fresh);
        begins.forEach(client::seek);
        log.info("partitions begin consumer={} at={}", intake.consumer(), begins);
        return begins;
    }
}
