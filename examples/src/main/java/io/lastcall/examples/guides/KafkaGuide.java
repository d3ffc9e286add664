package io.lastcall.examples.guides;

import io.lastcall.MessageConsumer;
import io.lastcall.MessageHandler;
import io.lastcall.Ordering;
import io.lastcall.kafka.KafkaDeadLetters;
import io.lastcall.kafka.KafkaLeave;
import io.lastcall.kafka.KafkaPositions;
import io.lastcall.kafka.KafkaProgress;
import io.lastcall.kafka.KafkaSource;
import io.lastcall.kafka.KafkaStart;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** The blocks of docs/kafka.md. */
final class KafkaGuide {

    private KafkaGuide() {}

    static KafkaSource source() {
        KafkaSource source = KafkaSource.topics("orders", "returns")
                .groupId("shop")
                .properties(Map.of(
                        "bootstrap.servers", "localhost:9092",
                        "group.protocol", "consumer"))
                .commitInterval(Duration.ofMillis(200))
                .bound(5_000)
                .revokeWait(Duration.ofSeconds(10));
        return source;
    }

    static List<KafkaSource> subscriptions() {
        KafkaSource matching = KafkaSource.matching(Pattern.compile("orders-.*"));
        KafkaSource assigned = KafkaSource.partitions(new TopicPartition("orders", 0), new TopicPartition("orders", 1));
        KafkaSource sinceMay =
                KafkaSource.topics("orders").startFrom(KafkaStart.at(Instant.parse("2026-05-01T00:00:00Z")));
        KafkaSource once = KafkaSource.topics("orders").runUntilCaughtUp();
        KafkaSource stays = KafkaSource.topics("orders").leave(KafkaLeave.NEVER);
        return List.of(matching, assigned, sinceMay, once, stays);
    }

    static MessageConsumer byKey(KafkaSource source, KafkaDeadLetters letters, MessageHandler<byte[]> handler) {
        MessageConsumer consumer = MessageConsumer.from(source)
                .concurrency(64)
                .ordering(Ordering.byKey())
                .deadLetters(letters)
                .handle(handler);
        return consumer;
    }

    static void replay(KafkaPositions positions) {
        CompletionStage<Map<TopicPartition, Long>> moved =
                positions.seek(KafkaStart.at(Instant.now().minus(Duration.ofHours(1))));
        moved.thenAccept(places -> System.out.println("reads again from " + places));
    }

    static boolean wasHandled(OffsetAndMetadata committed, long offset) {
        return KafkaProgress.of(committed).isDone(offset);
    }
}
