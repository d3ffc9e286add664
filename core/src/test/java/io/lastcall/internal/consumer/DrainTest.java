package io.lastcall.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lastcall.ConsumerState;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.MessageHandler;
import io.lastcall.Ordering;
import io.lastcall.Retry;
import io.lastcall.Workers;
import io.lastcall.message.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class DrainTest {

    private final HandSource source = new HandSource();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);

    private MessageConsumer consumer(DrainSettings drain, int concurrency, MessageHandler<byte[]> handler) {
        return MessageConsumer.from(source)
                .name("test")
                .concurrency(concurrency)
                .limit(1000)
                .ordering(Ordering.byKey())
                .workers(Workers.PLATFORM)
                .retry(Retry.fixed(3, Duration.ofMinutes(10)))
                .drain(drain)
                .handle(handler)
                .start();
    }

    private Outcome waitAtGate() throws InterruptedException {
        entered.countDown();
        gate.await();
        return Outcome.accept();
    }

    @Test
    void idle_drains_clean() {
        MessageConsumer consumer = consumer(DrainSettings.DEFAULT, 2, (message, context) -> Outcome.accept());
        DrainReport report = consumer.drain();
        assertThat(report.clean()).as(report.describe()).isTrue();
        assertThat(report.phases().total()).isLessThan(Duration.ofMillis(500));
        assertThat(consumer.state()).isEqualTo(ConsumerState.CLOSED);
        assertThat(source.closed).isTrue();
    }

    @Test
    void started_is_finished_and_unstarted_is_released() throws Exception {
        MessageConsumer consumer = consumer(DrainSettings.DEFAULT, 1, (message, context) -> waitAtGate());
        source.offer("a", 1, 2, 3);
        entered.await();
        CompletableFuture<DrainReport> drained =
                consumer.beginDrain(DrainRequest.because("test")).toCompletableFuture();
        gate.countDown();
        DrainReport report = drained.get(10, TimeUnit.SECONDS);
        assertThat(report.clean()).as(report.describe()).isTrue();
        assertThat(report.counts().accepted()).isEqualTo(1);
        assertThat(report.counts().released()).isEqualTo(2);
        assertThat(report.counts().received()).isEqualTo(3);
    }

    @Test
    void finish_all_finishes_what_waits_each_try_in_its_time() throws Exception {
        List<String> handled = new CopyOnWriteArrayList<>();
        MessageConsumer consumer = consumer(DrainSettings.DEFAULT, 2, (message, context) -> {
            if (message.id().equals("m2") && context.attempt() == 1) {
                entered.countDown();
                return Outcome.retry(Duration.ofSeconds(1));
            }
            handled.add(message.id());
            return Outcome.accept();
        });
        source.offer("a", 1, 2, 3, 4);
        entered.await();
        DrainReport report = consumer.beginDrain(DrainRequest.because("test").mode(DrainMode.FINISH_ALL))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        assertThat(report.clean()).as(report.describe()).isTrue();
        assertThat(handled).containsExactly("m1", "m2", "m3", "m4");
        assertThat(report.phases().finish()).isGreaterThan(Duration.ofMillis(300));
        assertThat(report.retriesInProcess()).isEqualTo(1);
    }

    @Test
    void straggler_is_told_interrupted_and_reported_with_its_stack() throws Exception {
        AtomicReference<Object> why = new AtomicReference<>();
        MessageConsumer consumer = consumer(DrainSettings.within(Duration.ofMillis(600)), 2, (message, context) -> {
            entered.countDown();
            while (gate.getCount() > 0) {
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    why.set(context.why().orElseThrow());
                }
            }
            return Outcome.accept();
        });
        source.offer("a", 1, 2);
        entered.await();
        DrainReport report = consumer.drain();
        assertThat(report.clean()).isFalse();
        assertThat(report.counts().abandoned()).isEqualTo(1);
        assertThat(report.counts().released()).isEqualTo(1);
        assertThat(report.stragglers()).hasSize(1);
        assertThat(report.stragglers().get(0).messageId()).isEqualTo("m1");
        assertThat(report.stragglers().get(0).stack()).isNotEmpty();
        assertThat(report.phases().total()).isLessThan(Duration.ofMillis(850));
        assertThat(why.get()).hasToString("DRAIN_DEADLINE");
        gate.countDown();
    }

    @Test
    void interrupted_handler_is_released_not_failed() throws Exception {
        MessageConsumer consumer =
                consumer(DrainSettings.within(Duration.ofMillis(600)), 2, (message, context) -> waitAtGate());
        source.offer("a", 1);
        entered.await();
        DrainReport report = consumer.drain();
        assertThat(report.counts().released()).as(report.describe()).isEqualTo(1);
        assertThat(report.clean()).isTrue();
    }

    @Test
    void back_off_never_holds_a_drain() throws Exception {
        MessageConsumer consumer = consumer(DrainSettings.DEFAULT, 2, (message, context) -> {
            entered.countDown();
            throw new IllegalStateException("down");
        });
        source.offer("a", 1, 2);
        entered.await();
        DrainReport report = consumer.drain();
        assertThat(report.clean()).as(report.describe()).isTrue();
        assertThat(report.counts().received()).isEqualTo(2);
        assertThat(report.phases().total()).isLessThan(Duration.ofMillis(500));
    }

    @Test
    void blocking_drain_from_a_handler_is_refused_and_beginDrain_works() throws Exception {
        AtomicReference<MessageConsumer> self = new AtomicReference<>();
        AtomicReference<Throwable> refused = new AtomicReference<>();
        MessageConsumer consumer = consumer(DrainSettings.DEFAULT, 2, (message, context) -> {
            entered.await();
            try {
                self.get().drain();
            } catch (IllegalStateException e) {
                refused.set(e);
            }
            var unused = self.get().beginDrain(DrainRequest.because("from the handler"));
            return Outcome.accept();
        });
        self.set(consumer);
        source.offer("a", 1);
        entered.countDown();
        DrainReport report = consumer.ended().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(report.clean()).isTrue();
        assertThat(refused.get()).hasMessageContaining("beginDrain");
    }

    @Test
    void hanging_stop_and_close_do_not_delay_the_drain_beyond_its_deadline() {
        MessageConsumer consumer =
                consumer(DrainSettings.within(Duration.ofMillis(400)), 2, (message, context) -> Outcome.accept());
        source.stopsAtOnce = false;
        source.onClose = () -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        DrainReport report = consumer.drain();
        assertThat(report.phases().total()).isBetween(Duration.ofMillis(400), Duration.ofMillis(650));
        assertThat(report.stopConfirmed()).isFalse();
        assertThat(report.closed()).isFalse();
        assertThat(report.problems()).hasSize(2);
        gate.countDown();
    }

    @Test
    void source_that_cannot_start_reports_its_cause() {
        source.onStart = () -> {
            throw new IllegalStateException("no broker");
        };
        assertThatThrownBy(() -> consumer(DrainSettings.DEFAULT, 1, (message, context) -> Outcome.accept()))
                .isInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("no broker");
    }

    @Test
    void restart_keeps_the_key_of_what_was_left_behind() throws Exception {
        List<String> handled = new CopyOnWriteArrayList<>();
        CountDownLatch second = new CountDownLatch(1);
        CountDownLatch other = new CountDownLatch(1);
        MessageConsumer consumer = consumer(DrainSettings.within(Duration.ofMillis(200)), 2, (message, context) -> {
            if (message.id().equals("m1")) {
                entered.countDown();
                while (gate.getCount() > 0) {
                    try {
                        gate.await();
                    } catch (InterruptedException e) {
                        handled.add("interrupted");
                    }
                }
            }
            handled.add(message.id());
            if (message.id().equals("m2")) {
                second.countDown();
            } else if (message.id().equals("m3")) {
                other.countDown();
            }
            return Outcome.accept();
        });
        source.offer("a", 1);
        entered.await();
        consumer.drain();
        consumer.start();
        source.offer("a", 2);
        source.offer("b", 3);
        assertThat(other.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(handled).doesNotContain("m2");
        gate.countDown();
        assertThat(second.await(5, TimeUnit.SECONDS)).isTrue();
        DrainReport report = consumer.drain();
        assertThat(report.counts().accepted()).as(report.describe()).isEqualTo(2);
        assertThat(consumer.snapshot().counts().received()).isEqualTo(3);
    }
}
