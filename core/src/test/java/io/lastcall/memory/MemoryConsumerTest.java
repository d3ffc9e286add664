package io.lastcall.memory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainReport;
import io.lastcall.MessageConsumer;
import io.lastcall.message.DeadLetter;
import io.lastcall.message.Headers;
import io.lastcall.message.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The queue with the engine. */
class MemoryConsumerTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    private static DrainReport ended(MessageConsumer consumer) throws Exception {
        return consumer.ended().toCompletableFuture().get(LONG.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Test
    void request_and_reply() throws Exception {
        MemoryQueue queue = MemoryQueue.of("ask", 10);
        try (MessageConsumer consumer = MessageConsumer.from(queue.source())
                .handle((message, context) -> message.key() == null ? Outcome.reject("no key") : Outcome.accept())
                .start()) {
            var good = queue.request("k".getBytes(UTF_8), null, Headers.empty(), LONG);
            var bad = queue.request(null, null, Headers.empty(), LONG);
            assertThat(good.toCompletableFuture().get(60, TimeUnit.SECONDS)).isEqualTo(Outcome.accept());
            assertThat(bad.toCompletableFuture().get(60, TimeUnit.SECONDS)).isEqualTo(Outcome.reject("no key"));
            queue.close();
            assertThat(ended(consumer).clean()).isTrue();
            assertThat(queue.deadLetters().letters()).hasSize(1);
        }
    }

    @Test
    void a_dead_letter_that_stands_in_the_sink_is_not_written_by_the_source_too() throws Exception {
        MemoryQueue queue = MemoryQueue.of("twice", 10);
        List<DeadLetter> sink = new CopyOnWriteArrayList<>();
        try (MessageConsumer consumer = MessageConsumer.from(queue.source())
                .deadLetters(letter -> CompletableFuture.runAsync(() -> sink.add(letter)))
                .handle((message, context) -> Outcome.reject("never"))
                .start()) {
            queue.publish(null, null);
            queue.close();
            assertThat(ended(consumer).counts().rejected()).isEqualTo(1);
            assertThat(sink).hasSize(1);
            assertThat(queue.deadLetters().letters()).isEmpty();
        }
    }

    @Test
    void competing_consumers_handle_each_message_once_and_end_with_the_queue() throws Exception {
        int publishers = 3;
        int each = 20_000;
        MemoryQueue queue = MemoryQueue.of("compete", 500);
        Map<String, Boolean> seen = new ConcurrentHashMap<>();
        List<MessageConsumer> consumers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            consumers.add(MessageConsumer.from(queue.source())
                    .name("compete-" + i)
                    .concurrency(2)
                    .handle((message, context) -> {
                        Boolean before = seen.put(message.id(), true);
                        return before == null ? Outcome.accept() : Outcome.reject("twice");
                    })
                    .start());
        }
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < publishers; i++) {
            Thread thread = new Thread(() -> publish(queue, each), "publisher-" + i);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join(LONG.toMillis());
        }
        queue.close();
        long accepted = 0;
        for (MessageConsumer consumer : consumers) {
            DrainReport report = ended(consumer);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            assertThat(report.counts().accepted()).isEqualTo(report.counts().received());
            accepted += report.counts().accepted();
        }
        assertThat(accepted).isEqualTo((long) publishers * each);
        assertThat(seen).hasSize(publishers * each);
        assertThat(queue.waiting() + queue.held()).isZero();
    }

    private static void publish(MemoryQueue queue, int each) {
        try {
            for (int i = 0; i < each; i++) {
                queue.publish(null, null);
            }
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this thread", e);
        }
    }
}
