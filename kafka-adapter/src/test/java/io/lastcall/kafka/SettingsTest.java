package io.lastcall.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

    private static final KafkaSource SOURCE =
            KafkaSource.topics("orders").groupId("shop").properties(Map.of("bootstrap.servers", "127.0.0.1:1"));

    @ParameterizedTest
    @ValueSource(strings = {"enable.auto.commit", "key.deserializer", "value.deserializer"})
    void what_is_ours_is_refused(String name) {
        assertThatThrownBy(() -> SOURCE.properties(Map.of(name, "true")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(name + " = true, must not be set");
    }

    @Test
    void a_wait_that_the_poll_interval_does_not_allow_is_refused_with_both_names() {
        assertThatThrownBy(() -> SOURCE.properties(Map.of("max.poll.interval.ms", 30_000))
                        .revokeWait(Duration.ofSeconds(13))
                        .open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "revokeWait = PT13S, must not be above PT12.5S with max.poll.interval.ms = 30000");
        assertThat(SOURCE.properties(Map.of("max.poll.interval.ms", 30_000))
                        .revokeWait(Duration.ofMillis(12_500))
                        .open())
                .isNotNull();
        assertThat(SOURCE.properties(Map.of("max.poll.interval.ms", 6_000)).open())
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "0", "-1"})
    void a_poll_interval_that_is_none_is_refused(String value) {
        assertThatThrownBy(() ->
                        SOURCE.properties(Map.of("max.poll.interval.ms", value)).open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("max.poll.interval.ms = " + value);
    }

    @Test
    void a_place_to_start_from_and_a_reset_contradict_each_other() {
        KafkaSource reset = SOURCE.properties(Map.of("auto.offset.reset", "latest"));
        assertThatThrownBy(() -> reset.startFrom(KafkaStart.at(Instant.EPOCH)).open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("auto.offset.reset = latest, must not be set beside startFrom");
        KafkaStart offsets = KafkaStart.offsets(Map.of(new TopicPartition("orders", 0), 3L));
        assertThat(reset.startFrom(offsets).open()).isNotNull();
    }

    @Test
    void offsets_are_checked() {
        assertThatThrownBy(() -> KafkaStart.offsets(Map.of())).hasMessageContaining("must name a partition");
        assertThatThrownBy(() -> KafkaStart.offsets(Map.of(new TopicPartition("orders", 0), -1L)))
                .hasMessageContaining("offset of orders-0 = -1");
    }

    @Test
    void a_partition_named_twice_is_refused() {
        TopicPartition one = new TopicPartition("orders", 0);
        assertThatThrownBy(() -> KafkaSource.partitions(one, one)).hasMessageContaining("none may be named twice");
    }

    /** TLS, SASL, interceptors, assignors: whatever is not ours reaches the client as it was given. */
    @Test
    void other_properties_reach_the_client() {
        Map<String, Object> given = new HashMap<>(Map.of(
                "security.protocol",
                "SASL_SSL",
                "sasl.jaas.config",
                "secret",
                "group.remote.assignor",
                "range",
                "interceptor.classes",
                "a.b.C"));
        Map<String, Object> seen = new HashMap<>();
        KafkaSource source = SOURCE.properties(given).clients(properties -> {
            seen.putAll(properties);
            throw new IllegalStateException("enough");
        });
        assertThatThrownBy(() -> source.open().start(new NoIntake())).hasMessage("enough");
        assertThat(seen).containsAllEntriesOf(given).containsEntry("enable.auto.commit", false);
    }
}
