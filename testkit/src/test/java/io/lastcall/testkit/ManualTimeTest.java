package io.lastcall.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lastcall.ConsumerRuntime;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Retry;
import io.lastcall.memory.MemoryQueue;
import io.lastcall.message.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ManualTimeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final ManualTime time = new ManualTime();
    private final Signals signals = new Signals();
    private final MemoryQueue queue = MemoryQueue.of("manual", 10);

    @Test
    void a_drain_of_ten_minutes_ends_when_the_test_says_so() throws Exception {
        MessageConsumer consumer = time.build(() -> MessageConsumer.from(queue.source())
                .drain(DrainSettings.within(Duration.ofMinutes(10)))
                .handle((message, context) -> {
                    signals.fire("begun");
                    signals.awaitStubbornly("end of test");
                    return Outcome.accept();
                }));
        consumer.start();
        queue.publish(null, null);
        signals.await("begun", PATIENCE);
        CompletableFuture<DrainReport> draining =
                consumer.beginDrain(DrainRequest.because("test")).toCompletableFuture();
        time.advance(Duration.ofMinutes(5));
        assertThat(draining).isNotDone();
        time.advance(Duration.ofMinutes(5));
        DrainReport report = draining.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        signals.fire("end of test");
        assertThat(report.stragglers()).hasSize(1);
        assertThat(report.phases().total()).isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10));
    }

    @Test
    void a_back_off_of_an_hour_is_over_when_the_test_says_so() throws Exception {
        MessageConsumer consumer = time.build(() -> MessageConsumer.from(queue.source())
                .retry(Retry.fixed(2, Duration.ofHours(1)))
                .handle((message, context) -> {
                    signals.fire((message.key() == null ? "first " : "second ") + context.attempt());
                    return message.key() == null && context.attempt() == 1 ? Outcome.retry() : Outcome.accept();
                }));
        try (consumer) {
            consumer.start();
            queue.publish(null, null);
            queue.publish("second".getBytes(StandardCharsets.UTF_8), null);
            // One handler at a time: when the second message is handled, the first one waits.
            signals.await("second 1", PATIENCE);
            time.advance(Duration.ofMinutes(59));
            assertThat(signals.fired("first 2")).isFalse();
            time.advance(Duration.ofMinutes(1));
            signals.await("first 2", PATIENCE);
        }
    }

    @Test
    void a_runtime_lives_on_it_too() throws Exception {
        ConsumerRuntime runtime = time.build(() -> ConsumerRuntime.of(
                        MessageConsumer.from(queue.source()).handle((message, context) -> Outcome.accept()))
                .build());
        runtime.start();
        assertThat(runtime.drain().took()).isZero();
    }

    @Test
    void time_goes_forward() {
        assertThatThrownBy(() -> time.advance(Duration.ZERO)).hasMessage("by = PT0S, must be more than zero");
    }
}
