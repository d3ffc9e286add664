package io.lastcall.internal.consumer;

import static io.lastcall.internal.consumer.HandConsumer.drain;
import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.StopReason;
import io.lastcall.message.Outcome;
import io.lastcall.spi.RevokeReason;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Several requests for one drain, several runs of one consumer, and handlers that hold no thread. */
class RunsTest {

    private final HandConsumer hand = new HandConsumer();
    private final HandSource source = hand.source;

    private Outcome atGate() {
        hand.awaitStubbornly("gate");
        return Outcome.accept();
    }

    // ---- one drain, several requests ----

    @Test
    void requests_merge_to_the_earliest_deadline() throws Exception {
        MessageConsumer consumer = hand.start(message -> atGate());
        source.offer("a", 1);
        hand.await("begins m1");
        CompletionStage<DrainReport> first = consumer.beginDrain(DrainRequest.because("first"));
        DrainReport report = drain(consumer, DrainRequest.because("second").within(Duration.ofMillis(300)));
        hand.happens("gate");
        assertThat(first.toCompletableFuture().get(1, TimeUnit.SECONDS)).isSameAs(report);
        assertThat(report.phases().total()).isLessThan(Duration.ofSeconds(5));
        assertThat(report.reason()).isEqualTo("first");
        assertThat(report.mode()).isEqualTo(DrainMode.FINISH_STARTED);
        assertThat(report.counts().abandoned()).isEqualTo(1);
    }

    @Test
    void a_budget_is_kept_by_a_drain_that_was_to_finish_all() throws Exception {
        MessageConsumer consumer = hand.start(message -> atGate());
        source.offer("a", 1);
        hand.await("begins m1");
        var unused = consumer.beginDrain(DrainRequest.because("first").mode(DrainMode.FINISH_ALL));
        DrainReport report = drain(consumer, DrainRequest.because("second").within(Duration.ofMillis(300)));
        hand.happens("gate");
        assertThat(report.phases().total()).isLessThan(Duration.ofSeconds(5));
        assertThat(report.mode()).isEqualTo(DrainMode.FINISH_UNTIL_DEADLINE);
    }

    @Test
    void what_one_hangs_on_the_report_holds_up_nobody_else() throws Exception {
        MessageConsumer consumer = hand.start(message -> Outcome.accept());
        consumer.ended().thenRun(() -> hand.awaitStubbornly("end of test"));
        CompletableFuture<DrainReport> impatient =
                consumer.ended().toCompletableFuture().orTimeout(1, TimeUnit.NANOSECONDS);
        consumer.ended().thenRun(() -> hand.awaitStubbornly("end of test"));
        assertThat(impatient).failsWithin(10, TimeUnit.SECONDS);
        FutureTask<DrainReport> closing = new FutureTask<>(consumer::drain);
        new Thread(closing, "closing").start();
        DrainReport report = closing.get(10, TimeUnit.SECONDS);
        assertThat(report.clean()).isTrue();
        assertThat(consumer.ended().toCompletableFuture()).isCompletedWithValue(report);
        hand.happens("end of test");
    }

    @Test
    void a_source_that_ends_before_its_start_has_returned_stood_and_drains_clean() throws Exception {
        source.onStarted = () -> source.intake().ended();
        MessageConsumer consumer = hand.start(message -> Outcome.accept());
        DrainReport report = consumer.ended().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(report.clean()).as(report.describe()).isTrue();
        assertThat(report.reason()).isEqualTo("the source has ended");
    }

    @Test
    void a_close_waits_for_handlers_in_spite_of_an_interrupt() throws Exception {
        MessageConsumer consumer = hand.start(message -> atGate());
        source.offer("a", 1);
        hand.await("begins m1");
        FutureTask<Boolean> closing = new FutureTask<>(() -> {
            Thread.currentThread().interrupt();
            consumer.close();
            return Thread.interrupted();
        });
        new Thread(closing, "closing").start();
        source.onStop = () -> hand.happens("gate");
        hand.happens("gate");
        assertThat(closing.get(10, TimeUnit.SECONDS))
                .as("the interrupt is passed on")
                .isTrue();
        assertThat(consumer.ended().toCompletableFuture().get().counts().accepted())
                .isEqualTo(1);
    }

    @Test
    void requests_merge_to_the_hardest_mode_from_any_thread_and_get_the_same_report() throws Exception {
        AtomicReference<StopReason> why = new AtomicReference<>();
        MessageConsumer consumer = hand.start((Handling.Blocking) (message, context) -> {
            hand.happens("begins");
            hand.awaitStubbornly("interrupted");
            why.set(context.why().orElseThrow());
            return Outcome.retry();
        });
        source.offer("a", 1);
        hand.await("begins");
        CompletionStage<DrainReport> soft =
                consumer.beginDrain(DrainRequest.because("soft").mode(DrainMode.FINISH_ALL));
        FutureTask<DrainReport> hard = new FutureTask<>(
                () -> drain(consumer, DrainRequest.because("hard").mode(DrainMode.STOP_NOW)));
        new Thread(hard, "second").start();
        DrainReport report = hard.get(20, TimeUnit.SECONDS);
        assertThat(soft.toCompletableFuture().get(1, TimeUnit.SECONDS)).isSameAs(report);
        assertThat(report.mode()).isEqualTo(DrainMode.STOP_NOW);
        assertThat(why).hasValue(StopReason.STOP_NOW);
        assertThat(report.counts().released()).as(report.describe()).isEqualTo(1);
    }

    @Test
    void handlers_are_interrupted_in_time_also_when_the_stop_is_not_confirmed() throws Exception {
        source.stopsAtOnce = false;
        hand.drain = DrainSettings.within(Duration.ofSeconds(2)).grace(Duration.ofSeconds(1));
        MessageConsumer consumer = hand.start(message -> {
            hand.await("never");
            return Outcome.accept();
        });
        source.offer("a", 1);
        hand.await("begins m1");
        DrainReport report = drain(consumer, DrainRequest.because("test").mode(DrainMode.STOP_NOW));
        assertThat(report.counts().released()).as(report.describe()).isEqualTo(1);
        assertThat(report.stragglers()).isEmpty();
    }

    @Test
    void finish_all_waits_for_back_off_also_when_the_stop_is_not_confirmed() throws Exception {
        source.stopsAtOnce = false;
        hand.drain = DrainSettings.within(Duration.ofSeconds(2)).stopReceiving(Duration.ofMillis(100));
        MessageConsumer consumer = hand.start(
                message -> hand.handled.size() == 1 ? Outcome.retry(Duration.ofMillis(500)) : Outcome.accept());
        source.offer("a", 1);
        hand.await("ends m1");
        DrainReport report = drain(consumer, DrainRequest.because("test").mode(DrainMode.FINISH_ALL));
        assertThat(report.counts().accepted()).as(report.describe()).isEqualTo(1);
    }

    @Test
    void an_orphan_that_still_runs_at_the_end_is_a_straggler() throws Exception {
        hand.drain = DrainSettings.within(Duration.ofMillis(300));
        MessageConsumer consumer = hand.start(message -> atGate());
        source.offer("a", 1);
        hand.await("begins m1");
        source.lane().revoke(RevokeReason.LOST);
        DrainReport report = drain(consumer, DrainRequest.because("test"));
        hand.happens("gate");
        assertThat(report.counts().revoked()).isEqualTo(1);
        assertThat(report.stragglers()).hasSize(1);
        assertThat(report.clean()).isFalse();
    }

    // ---- several runs ----

    @Test
    void a_restart_takes_pauses_sizes_and_counts_over() throws Exception {
        MessageConsumer consumer = hand.start(message -> Outcome.accept());
        source.offer("a", 1);
        hand.await("ends m1");
        consumer.pause("operator");
        consumer.changeConcurrency(7);
        consumer.changeLimit(70);
        drain(consumer, DrainRequest.because("test"));
        consumer.start();
        assertThat(consumer.snapshot().paused()).isEqualTo(Set.of("operator"));
        assertThat(consumer.snapshot().concurrency()).isEqualTo(7);
        assertThat(consumer.snapshot().limit()).isEqualTo(70);
        assertThat(consumer.snapshot().counts().accepted()).isEqualTo(1);
        assertThat(source.lane().capacity()).isZero();
        consumer.resume("operator");
        assertThat(source.lane().capacity()).isEqualTo(70);
        DrainReport second = drain(consumer, DrainRequest.because("test"));
        assertThat(second.counts().received()).isZero();
    }

    @Test
    void i07_what_was_left_behind_keeps_its_key_over_every_later_restart() throws Exception {
        hand.drain = DrainSettings.within(Duration.ofMillis(200));
        MessageConsumer consumer = hand.start(message -> message.id().equals("m1") ? atGate() : Outcome.accept());
        source.offer("a", 1);
        hand.await("begins m1");
        drain(consumer, DrainRequest.because("first"));
        consumer.start();
        drain(consumer, DrainRequest.because("second"));
        consumer.start();
        source.offer("a", 2);
        source.offer("b", 3);
        hand.await("ends m3");
        assertThat(hand.handled).containsExactly("m1", "m3");
        assertThat(consumer.snapshot().running()).isPositive();
        hand.happens("gate");
        hand.await("ends m2");
        drain(consumer, DrainRequest.because("third"));
    }

    // ---- handlers that hold no thread ----

    private final CompletableFuture<Outcome> future = new CompletableFuture<>();

    private Handling asynchronous() {
        return (Handling.Asynchronous) (message, context) -> {
            hand.handled.add(message.id());
            hand.happens("begins " + message.id());
            return message.id().equals("m1") ? future : CompletableFuture.completedFuture(Outcome.accept());
        };
    }

    @Test
    void an_asynchronous_handler_keeps_its_slot_until_its_stage_completes_and_a_drain_waits_for_it() throws Exception {
        hand.concurrency = 1;
        MessageConsumer consumer = hand.start(asynchronous());
        source.offer("a", 1);
        hand.await("begins m1");
        source.offer("b", 2);
        CompletionStage<DrainReport> drained =
                consumer.beginDrain(DrainRequest.because("test").mode(DrainMode.FINISH_ALL));
        assertThat(hand.handled).containsExactly("m1");
        assertThat(consumer.snapshot().running()).isEqualTo(1);
        future.complete(Outcome.accept());
        DrainReport report = drained.toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(hand.handled).containsExactly("m1", "m2");
        assertThat(report.counts().accepted()).as(report.describe()).isEqualTo(2);
        assertThat(report.clean()).isTrue();
    }

    @Test
    void a_drain_cancels_an_asynchronous_handler_at_the_deadline_and_releases_its_message() throws Exception {
        hand.drain = DrainSettings.within(Duration.ofSeconds(2)).grace(Duration.ofSeconds(1));
        MessageConsumer consumer = hand.start(asynchronous());
        source.offer("a", 1);
        hand.await("begins m1");
        DrainReport report = drain(consumer, DrainRequest.because("test"));
        assertThat(future).isCancelled();
        assertThat(report.counts().released()).as(report.describe()).isEqualTo(1);
        assertThat(report.clean()).isTrue();
    }

    @Test
    @SuppressWarnings("NullAway") // what the compiler would have refused
    void an_asynchronous_handler_that_returns_null_has_failed() throws Exception {
        MessageConsumer consumer = hand.start((Handling.Asynchronous) (message, context) -> {
            hand.happens("begins");
            return null;
        });
        source.offer("a", 1);
        hand.await("begins");
        DrainReport report = drain(consumer, DrainRequest.because("test"));
        assertThat(report.clean()).as(report.describe()).isTrue();
        assertThat(report.counts().ended()).isEqualTo(1);
    }
}
