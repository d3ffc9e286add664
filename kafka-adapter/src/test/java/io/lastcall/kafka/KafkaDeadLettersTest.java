package io.lastcall.kafka;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lastcall.DrainReport;
import io.lastcall.MessageConsumer;
import io.lastcall.message.DeadLetter;
import io.lastcall.message.Header;
import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Origin;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KafkaDeadLettersTest {

    private final KafkaBroker broker = KafkaBroker.shared();

    @Test
    void a_rejected_record_is_kept_as_it_was_with_its_cause() throws Exception {
        try (Trial trial = new Trial(broker, 1);
                KafkaDeadLetters letters = KafkaDeadLetters.open(Map.of("bootstrap.servers", broker.bootstrap()))) {
            broker.createTopic(trial.topic + ".dead", 1);
            byte[] key = {0, (byte) 0xff};
            byte[] value = {1, 2, (byte) 0xfe};
            List<org.apache.kafka.common.header.Header> headers = List.of(
                    new RecordHeader("same", new byte[] {1}),
                    new RecordHeader("same", new byte[] {2}),
                    new RecordHeader("none", (byte[]) null),
                    new RecordHeader("binary", new byte[] {(byte) 0x80}));
            trial.send(new ProducerRecord<>(trial.topic, 0, 1_700_000_000_123L, key, value, headers));
            trial.send(new ProducerRecord<>(trial.topic, 0, 1_700_000_000_124L, null, null, List.of()));
            CountDownLatch two = new CountDownLatch(2);
            MessageConsumer consumer = MessageConsumer.from(trial.source("classic"))
                    .name("rejects")
                    .deadLetters(letters)
                    .handle((message, context) -> {
                        two.countDown();
                        return Outcome.reject("not an order", new IllegalStateException("no amount"));
                    })
                    .start();
            assertThat(two.await(30, SECONDS)).isTrue();
            DrainReport report = consumer.drain();

            assertThat(report.clean()).as(report.describe()).isTrue();
            assertThat(report.counts().rejected()).isEqualTo(2);
            assertThat(trial.committed(0)).contains(2L);
            List<ConsumerRecord<byte[], byte[]>> dead = trial.readAll(trial.topic + ".dead");
            assertThat(dead).hasSize(2);
            ConsumerRecord<byte[], byte[]> copy = dead.get(0);
            assertThat(copy.key()).isEqualTo(key);
            assertThat(copy.value()).isEqualTo(value);
            assertThat(copy.timestamp()).isEqualTo(1_700_000_000_123L);
            assertThat(Arrays.asList(copy.headers().toArray()).subList(0, 4)).isEqualTo(headers);
            assertThat(header(copy, "lastcall-reason")).isEqualTo("not an order");
            assertThat(header(copy, "lastcall-cause")).isEqualTo("java.lang.IllegalStateException");
            assertThat(header(copy, "lastcall-cause-message")).isEqualTo("no amount");
            assertThat(header(copy, "lastcall-attempts")).isEqualTo("1");
            assertThat(header(copy, "lastcall-consumer")).isEqualTo("rejects");
            assertThat(header(copy, "lastcall-broker")).isEqualTo("kafka");
            assertThat(header(copy, "lastcall-source")).isEqualTo(trial.topic);
            assertThat(header(copy, "lastcall-lane")).isEqualTo(trial.topic + "-0");
            assertThat(header(copy, "lastcall-position")).isEqualTo("0");
            assertThat(dead.get(1).key()).isNull();
            assertThat(dead.get(1).value()).isNull();
            assertThat(dead.get(1).timestamp()).isEqualTo(1_700_000_000_124L);
        }
    }

    @Test
    void a_letter_that_cannot_be_written_fails_in_time() throws Exception {
        Map<String, Object> quick = Map.of("bootstrap.servers", broker.bootstrap(), "max.block.ms", 300);
        try (KafkaDeadLetters letters = KafkaDeadLetters.open(quick, broker.newName("missing"))) {
            CompletableFuture<Void> written = letters.write(letter("late")).toCompletableFuture();
            assertThatThrownBy(() -> written.get(10, SECONDS)).isInstanceOf(ExecutionException.class);
        }
    }

    @Test
    void close_waits_for_letters_and_refuses_later_ones() throws Exception {
        try (Trial trial = new Trial(broker, 1)) {
            String dead = broker.newTopic(1);
            KafkaDeadLetters letters =
                    KafkaDeadLetters.open(Map.of("bootstrap.servers", broker.bootstrap(), "linger.ms", 200), dead);
            List<CompletableFuture<Void>> written = java.util.stream.IntStream.range(0, 100)
                    .mapToObj(i -> letters.write(letter("letter " + i)).toCompletableFuture())
                    .toList();
            letters.close();
            assertThat(written).allSatisfy(it -> assertThat(it).isCompletedWithValue(null));
            assertThat(trial.readAll(dead))
                    .hasSize(100)
                    .allSatisfy(it -> assertThat(it.timestamp()).isPositive());
            assertThat(letters.write(letter("after")).toCompletableFuture()).isCompletedExceptionally();
        }
    }

    @Test
    void what_is_ours_to_set_is_refused_by_name() {
        assertThatThrownBy(() -> KafkaDeadLetters.open(Map.of("acks", "1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("acks = 1");
        assertThatThrownBy(() -> KafkaDeadLetters.open(Map.of("enable.idempotence", false)))
                .hasMessageContaining("enable.idempotence = false");
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return Trial.text(requireNonNull(record.headers().lastHeader(name)).value());
    }

    /** From another broker, which gave it no time. */
    private static DeadLetter letter(String body) {
        return new DeadLetter(
                new Message<byte[]>() {
                    @Override
                    public String id() {
                        return "1";
                    }

                    @Override
                    public Origin origin() {
                        return new Origin("sqs", "orders", "orders", "1");
                    }

                    @Override
                    public byte @Nullable [] key() {
                        return null;
                    }

                    @Override
                    public byte[] body() {
                        return Trial.bytes(body);
                    }

                    @Override
                    public Headers headers() {
                        return Headers.of(Header.of("kind", "text"));
                    }

                    @Override
                    public Instant timestamp() {
                        return Instant.EPOCH;
                    }

                    @Override
                    public int attempt() {
                        return 3;
                    }
                },
                "because",
                null,
                3,
                "test");
    }
}
