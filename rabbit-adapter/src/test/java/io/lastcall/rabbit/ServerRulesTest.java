package io.lastcall.rabbit;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.impl.LongStringHelper;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServerRulesTest {

    @Test
    void giving_back_is_free_on_classic_queues_and_from_4_3_on_all() {
        assertThat(free("3.10.8", QueueType.CLASSIC)).isTrue();
        assertThat(free("3.10.8", QueueType.QUORUM)).isFalse();
        assertThat(free("3.10.8", QueueType.UNKNOWN)).isFalse();
        assertThat(free("4.0.5", QueueType.QUORUM)).isFalse();
        assertThat(free("4.2.9", QueueType.QUORUM)).isFalse();
        assertThat(free("4.3.0", QueueType.QUORUM)).isTrue();
        assertThat(free("4.10.1-rc.1", QueueType.UNKNOWN)).isTrue();
        assertThat(free("5.0.0", QueueType.QUORUM)).isTrue();
    }

    @Test
    void an_unreadable_version_counts_as_an_old_one() {
        assertThat(free("next", QueueType.QUORUM)).isFalse();
        assertThat(ServerRules.of(Map.of()).freeRelease(QueueType.QUORUM)).isFalse();
    }

    private static boolean free(String version, QueueType type) {
        return ServerRules.of(Map.of("version", LongStringHelper.asLongString(version)))
                .freeRelease(type);
    }
}
