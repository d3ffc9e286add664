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
 * Publishes the messages of a round: few until all members of the beginning are at work, then a third of the plan's at once and the
 * others while things happen. Ids ascend in the order of publishing. The clock's one thread.
 */
final class RoundPublisher {

    private static final long TICK_MILLIS = 20;
    private static final int TRICKLE = 2;

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final RoundPlan plan;
    private final RoundLedger ledger;
    private final ScheduledExecutorService clock;
    private final SplittableRandom dice;
    private final CompletableFuture<Void> failed = new CompletableFuture<>();
    private final List<CompletableFuture<Void>> answers = new ArrayList<>();

    /** The clock's thread only. */
    private int next;

    /** How many of the plan's are left; the clock's thread only. */
    private int left;

    /** The clock's thread only. */
    private boolean gathered;

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
        this.left = plan.messages();
        this.dice = new SplittableRandom(~plan.seed());
    }

    /** Begins; ends by itself. */
    void start() {
        clock.execute(() -> ticks = clock.scheduleAtFixedRate(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS));
        var unused = ledger.gathered().thenRunAsync(this::burst, clock);
    }

    /** Ends early: of a round that did not get so far. */
    void stop() {
        clock.execute(this::end);
    }

    /** Completes exceptionally when the broker refused a message for good; else never. */
    CompletableFuture<Void> failed() {
        return failed;
    }

    private void burst() {
        gathered = true;
        int burst = left / 3;
        left -= burst;
        publish(burst);
    }

    private void tick() {
        if (!gathered) {
            publish(TRICKLE);
            return;
        }
        Duration publishing = plan.publishing();
        int count = Math.min(left, (int) (plan.messages() * TICK_MILLIS / publishing.toMillis()) + 1);
        left -= count;
        publish(count);
        if (left == 0) {
            end();
        }
    }

    private void end() {
        if (ticks != null) {
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
