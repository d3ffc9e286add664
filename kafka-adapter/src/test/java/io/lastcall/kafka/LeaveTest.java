package io.lastcall.kafka;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.MessageConsumer;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** KIP-1092: whether a closed member is still in the group. */
class LeaveTest {

    @ParameterizedTest
    @CsvSource({
        "classic, false, AUTO, 0",
        "classic, true, AUTO, 1",
        "classic, true, ALWAYS, 0",
        "classic, false, NEVER, 1",
        "consumer, false, AUTO, 0",
        "consumer, true, AUTO, 1",
        "consumer, true, ALWAYS, 0"
    })
    void a_closed_member_leaves_or_stays(String protocol, boolean isStatic, KafkaLeave leave, int left)
            throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 1);
            Map<String, Object> properties = new HashMap<>(
                    protocol.equals("classic")
                            ? Map.of("session.timeout.ms", 60_000)
                            : Map.of("group.protocol", protocol));
            if (isStatic) {
                properties.put("group.instance.id", "one");
            }
            CountDownLatch handled = new CountDownLatch(1);
            MessageConsumer consumer = MessageConsumer.from(
                            trial.source(properties).leave(leave))
                    .name("leaver")
                    .dropRejected()
                    .handle((message, context) -> {
                        handled.countDown();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(handled.await(30, SECONDS)).isTrue();
            assertThat(consumer.drain().clean()).isTrue();

            var group = requireNonNull(trial.broker
                    .admin()
                    .describeConsumerGroups(List.of(trial.group))
                    .all()
                    .get(30, SECONDS)
                    .get(trial.group));
            assertThat(group.members()).hasSize(left);
        }
    }
}
