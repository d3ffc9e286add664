package io.lastcall.kafka;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lastcall.DrainReport;
import io.lastcall.MessageConsumer;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The log under a running consumer begins again at lower offsets: its topic was deleted and made anew. */
class LogRestartTest {

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer", "assigned"})
    void what_a_topic_holds_that_was_made_anew_is_handled_and_committed(String how) throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 5);
            Queue<String> handled = new ConcurrentLinkedQueue<>();
            Map<String, Object> soon = Map.of("metadata.max.age.ms", 500);
            KafkaSource source = how.equals("assigned")
                    ? trial.assigned(soon, new TopicPartition(trial.topic, 0))
                    : trial.source(Trial.with(Trial.protocol(how), soon));
            MessageConsumer consumer = MessageConsumer.from(source)
                    .name("again")
                    .dropRejected()
                    .handle((message, context) -> {
                        handled.add(Trial.text(requireNonNull(message.body())));
                        return Outcome.accept();
                    })
                    .start();
            await().atMost(Trial.SOON).until(() -> trial.committed(0).equals(Optional.of(5L)));

            trial.broker.admin().deleteTopics(List.of(trial.topic)).all().get(30, SECONDS);
            await().atMost(Trial.SOON)
                    .until(() -> trial.broker.admin().listTopics().names().get(30, SECONDS).stream()
                            .noneMatch(trial.topic::equals));
            trial.broker.createTopic(trial.topic, 1);
            trial.send(0, 10, 3);

            await().atMost(Trial.SOON).until(() -> handled.size() == 8);
            await().atMost(Trial.SOON).until(() -> trial.committed(0).equals(Optional.of(3L)));
            DrainReport report = consumer.drain();
            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(handled).containsExactly("0", "1", "2", "3", "4", "10", "11", "12");
        }
    }
}
