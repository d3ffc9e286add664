package io.lastcall.benchmarks.chaos;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the messages of a round: a third before anybody consumes, the others while they are consumed. Ids ascend in the order of
 * publishing. The clock's one thread, but for {@link #fill}, which comes before.
 */
final class RoundPublisher {

    private static final long TICK_MILLIS = 20;

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final RoundPlan plan;
    private final RoundLedger ledger;
    private final ScheduledExecutorService clock;
    private final SplittableRandom dice;
    private final CompletableFuture<Void> failed = new CompletableFuture<>();
    private final List<CompletableFuture<Void>> answers = new ArrayList<>();

    /** The director's thread in fill, the clock's from then on. */
    private int next;

    /** The clock's thread only. */
    private @Nullable ScheduledFuture<?> ticks;

    RoundPublisher(
            KafkaProducer<byte[], byte[]> producer,
            String topic,
            RoundPlan plan,
            RoundLedger ledger,
            ScheduledExecutorService clock) {
        this.producer = producer;
        this.topic = topic;
        this.plan = plan;
        this.ledger = ledger;
        this.clock = clock;
        this.dice = new SplittableRandom(~plan.seed());
    }

    /** Publishes the first third; the rest follows by itself once the first handler has started. */
    void fill() {
        publish(plan.messages() / 3);
        producer.flush();
        var unused = ledger.firstStart().thenRunAsync(this::begin, clock);
    }

    /** Completes exceptionally when the broker refused a message for good; else never. */
    CompletableFuture<Void> failed() {
        return failed;
    }

    private void begin() {
        ticks = clock.scheduleAtFixedRate(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        Duration publishing = plan.publishing();
        int count = (int) (plan.messages() * TICK_MILLIS / publishing.toMillis()) + 1;
        publish(Math.min(count, plan.messages() - next));
        if (next == plan.messages() && ticks != null) {
            ticks.cancel(false);
            ticks = null;
            var unused = CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
                    .thenRun(ledger::publishingEnds);
        }
    }

    private void publish(int count) {
        for (int i = 0; i < count; i++) {
            int id = next++;
            int key = dice.nextInt(plan.keys());
            CompletableFuture<Void> answer = new CompletableFuture<>();
            answers.add(answer);
            var unused = producer.send(
                    new ProducerRecord<>(topic, bytes("key-" + key), bytes(id + " " + key)), (place, e) -> {
                        if (e == null) {
                            ledger.published(id);
                        } else {
                            failed.completeExceptionally(e);
                        }
                        answer.complete(null);
                    });
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
