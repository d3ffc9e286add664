package io.lastcall.internal.consumer;

import static io.lastcall.internal.consumer.HandConsumer.drain;
import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.Retry;
import io.lastcall.internal.dispatch.Verdict;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Extension;
import io.lastcall.spi.Failure;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.RevokeReason;
import io.lastcall.spi.Settlement;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The invariants on the real engine, I7 to I13; those that need a clock that stands still are in the dispatch package's FloorTest. */
class DrainInvariantsTest {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final HandConsumer hand = new HandConsumer();
    private final HandSource source = hand.source;

    private Outcome atGate() {
        hand.awaitStubbornly("gate");
        return Outcome.accept();
    }

    /** The drain begins on the control thread; when it asks the source to stop, nothing starts any more. */
    private CompletionStage<DrainReport> beginAndSeeItBegin(MessageConsumer consumer) throws InterruptedException {
        source.onStop = () -> hand.happens("stop asked");
        CompletionStage<DrainReport> drained =
                consumer.beginDrain(DrainRequest.because("test").mode(DrainMode.FINISH_STARTED));
        hand.await("stop asked");
        return drained;
    }

    @Test
    void i07_one_of_a_key_runs_at_a_time_and_other_keys_go_on() throws Exception {
        hand.concurrency = 3;
        MessageConsumer consumer = hand.start(message -> message.id().equals("m1") ? atGate() : Outcome.accept());
        source.offer("a", 1, 2);
        hand.await("begins m1");
        source.offer("b", 3);
        hand.await("ends m3");
        assertThat(hand.handled).containsExactly("m1", "m3");
        hand.happens("gate");
        hand.await("ends m2");
        drain(consumer, DrainRequest.because("test"));
    }

    @Test
    void i07_an_orphan_keeps_its_key() throws Exception {
        MessageConsumer consumer = hand.start(message -> message.id().equals("m1") ? atGate() : Outcome.accept());
        source.offer("a", 1);
        hand.await("begins m1");
        source.lane().revoke(RevokeReason.LOST);
        source.start(source.intake());
        source.offer("a", 2);
        source.offer("b", 3);
        hand.await("ends m3");
        assertThat(hand.handled).containsExactly("m1", "m3");
        hand.happens("gate");
        hand.await("ends m2");
        drain(consumer, DrainRequest.because("test"));
    }

    @Test
    void i07_a_held_key_goes_on_when_the_broker_has_answered() throws Exception {
        source.rules = LaneRules.PLAIN.holdingKeys();
        source.answersAtOnce = false;
        source.onSettle = run -> hand.happens("told " + run.get(0).delivery().receipt());
        hand.concurrency = 1;
        MessageConsumer consumer = hand.start(message -> Outcome.accept());
        source.offer("a", 1, 2);
        source.offer("b", 3);
        hand.await("told 1");
        hand.await("ends m3");
        assertThat(hand.handled).containsExactly("m1", "m3");
        source.lane().settled(List.of(source.told.get(0)));
        hand.await("ends m2");
        source.answersAtOnce = true;
        drain(consumer, DrainRequest.because("test").within(Duration.ofSeconds(1)));
    }

    @Test
    void i07_a_lane_that_holds_keys_is_in_order_for_a_consumer_that_asks_for_none() throws Exception {
        source.rules = LaneRules.PLAIN.holdingKeys();
        source.answersAtOnce = false;
        hand.ordering = Ordering.none();
        hand.concurrency = 1;
        MessageConsumer consumer = hand.start(message -> Outcome.accept());
        source.offer("a", 1, 2);
        source.offer("b", 3);
        hand.await("ends m3");
        assertThat(hand.handled).containsExactly("m1", "m3");
        source.lane().settled(List.of(source.told.get(0)));
        hand.await("ends m2");
        source.answersAtOnce = true;
        drain(consumer, DrainRequest.because("test").within(Duration.ofSeconds(1)));
    }

    @Test
    void i07_after_a_bad_answer_the_followers_of_a_held_key_are_released_and_never_started() throws Exception {
        source.rules = LaneRules.PLAIN.holdingKeys();
        source.answersAtOnce = false;
        source.onSettle = run -> hand.happens("told " + run.get(0).delivery().receipt());
        hand.concurrency = 1;
        MessageConsumer consumer = hand.start(message -> Outcome.accept());
        source.offer("a", 1, 2, 4);
        hand.await("told 1");
        source.lane().unsettled(List.of(source.told.get(0)), Failure.refused("expired", null));
        hand.await("told 2");
        source.lane().settled(source.told.subList(1, 3));
        source.offer("a", 5);
        hand.await("told 5");
        assertThat(hand.handled).containsExactly("m1", "m5");
        source.lane().settled(List.of(source.told.get(3)));
        DrainReport report = drain(consumer, DrainRequest.because("test"));
        assertThat(report.counts().released()).isEqualTo(2);
        assertThat(report.counts().revoked()).isEqualTo(1);
    }

    @Test
    void i08_a_drain_starts_nothing_that_its_mode_forbids() throws Exception {
        source.stopsAtOnce = false;
        hand.concurrency = 1;
        MessageConsumer consumer = hand.start(message -> atGate());
        source.offer("a", 1, 2);
        hand.await("begins m1");
        CompletionStage<DrainReport> drained = beginAndSeeItBegin(consumer);
        source.offer("b", 3);
        hand.happens("gate");
        hand.await("ends m1");
        source.stopped.complete(null);
        DrainReport report = drained.toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(hand.handled).containsExactly("m1");
        assertThat(report.counts().released()).isEqualTo(2);
    }

    @Test
    void i08_one_in_back_off_does_not_make_a_drain_release_what_it_should_finish() throws Exception {
        hand.ordering = Ordering.none();
        hand.concurrency = 1;
        MessageConsumer consumer = hand.start(message -> switch (message.id()) {
            case "m1" -> Outcome.retry(LONG);
            case "m2" -> atGate();
            default -> Outcome.accept();
        });
        source.offer("a", 1, 2, 3);
        hand.await("begins m2");
        source.onSettle = run -> hand.happens("released");
        CompletionStage<DrainReport> drained =
                consumer.beginDrain(DrainRequest.because("test").mode(DrainMode.FINISH_UNTIL_DEADLINE));
        hand.await("released");
        hand.happens("gate");
        DrainReport report = drained.toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(report.counts().accepted()).as(report.describe()).isEqualTo(2);
        assertThat(report.counts().released()).isEqualTo(1);
    }

    @Test
    void i09_a_release_is_told_after_the_answer_to_its_extension() throws Exception {
        source.rules = LaneRules.PLAIN.withLease(Duration.ofMillis(60));
        CompletableFuture<List<Extension>> answer = new CompletableFuture<>();
        source.extension = answer;
        source.onExtend = () -> hand.happens("extend");
        hand.concurrency = 1;
        MessageConsumer consumer = hand.start(message -> atGate());
        source.offer("a", 1, 2);
        hand.await("extend");
        CompletionStage<DrainReport> drained = beginAndSeeItBegin(consumer);
        source.onSettle = run -> hand.happens("told " + run.get(0).delivery().receipt());
        hand.happens("gate");
        hand.await("told 1");
        assertThat(source.toldIds()).containsExactly(1);
        answer.complete(Collections.nCopies(2, Extension.EXTENDED));
        hand.await("told 2");
        assertThat(drained.toCompletableFuture().get(10, TimeUnit.SECONDS).clean())
                .isTrue();
    }

    @Test
    void i11_a_read_of_no_capacity_arms_the_signal_and_room_fires_it_once() throws Exception {
        hand.limit = 1;
        MessageConsumer consumer = hand.start(message -> atGate());
        AtomicInteger fired = new AtomicInteger();
        source.intake().onCapacity(() -> hand.happens("room " + fired.incrementAndGet()));
        source.offer("a", 1);
        assertThat(source.lane().capacity()).isZero();
        hand.happens("gate");
        hand.await("room 1");
        source.offer("a", 2);
        hand.await("ends m2");
        consumer.pause("test");
        assertThat(source.lane().capacity()).isZero();
        consumer.resume("test");
        hand.await("room 2");
        drain(consumer, DrainRequest.because("test"));
        assertThat(fired).hasValue(2);
    }

    /** Answers when the test says so. */
    private final class Gatekeeper implements Admission<Integer> {

        final Map<Integer, CompletableFuture<Verdict>> asked = new ConcurrentHashMap<>();
        final List<Integer> givenUp = new CopyOnWriteArrayList<>();

        @Override
        public CompletionStage<Verdict> admit(Delivery<Integer> delivery) {
            CompletableFuture<Verdict> answer = new CompletableFuture<>();
            asked.put(delivery.receipt(), answer);
            hand.happens("asked " + delivery.receipt());
            return answer;
        }

        @Override
        public void giveUp(Delivery<Integer> delivery) {
            givenUp.add(delivery.receipt());
            hand.happens("given up " + delivery.receipt());
        }

        void answer(int receipt, Verdict verdict) throws InterruptedException {
            hand.await("asked " + receipt);
            CompletableFuture<Verdict> answer = asked.get(receipt);
            if (answer == null) {
                throw new AssertionError("not asked for " + receipt);
            }
            answer.complete(verdict);
        }
    }

    private Gatekeeper admits() {
        Gatekeeper gatekeeper = new Gatekeeper();
        hand.ordering = Ordering.none();
        hand.concurrency = 1;
        hand.assembly = new Assembly<>() {
            @Override
            protected Admission<Integer> admission() {
                return gatekeeper;
            }
        };
        return gatekeeper;
    }

    @Test
    void i12_what_is_granted_too_late_is_given_up_and_released() throws Exception {
        Gatekeeper gatekeeper = admits();
        MessageConsumer consumer = hand.start(message -> Outcome.accept());
        source.offer("a", 1);
        hand.await("asked 1");
        CompletionStage<DrainReport> drained = beginAndSeeItBegin(consumer);
        gatekeeper.answer(1, new Verdict.Go());
        hand.await("given up 1");
        DrainReport report = drained.toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertThat(hand.handled).isEmpty();
        assertThat(report.counts().released()).as(report.describe()).isEqualTo(1);
        assertThat(report.clean()).isTrue();
    }

    @Test
    void i12_what_was_admitted_and_is_revoked_before_its_turn_never_starts_and_is_given_up() throws Exception {
        Gatekeeper gatekeeper = admits();
        MessageConsumer consumer = hand.start(message -> atGate());
        source.offer("a", 1, 2);
        hand.await("asked 2");
        gatekeeper.answer(1, new Verdict.Go());
        hand.await("begins m1");
        gatekeeper.answer(2, new Verdict.Go());
        assertThat(source.lane().revoke(RevokeReason.REASSIGNED).unstarted()).isEqualTo(1);
        hand.await("given up 2");
        hand.happens("gate");
        DrainReport report = drain(consumer, DrainRequest.because("test"));
        assertThat(hand.handled).containsExactly("m1");
        assertThat(gatekeeper.givenUp).containsExactly(2);
        assertThat(report.clean()).as(report.describe()).isTrue();
    }

    @Test
    void i12_what_is_released_in_back_off_gives_its_admission_up() throws Exception {
        Gatekeeper gatekeeper = admits();
        MessageConsumer consumer = hand.start(message -> message.id().equals("m1") ? Outcome.retry(LONG) : atGate());
        source.offer("a", 1, 2);
        gatekeeper.answer(1, new Verdict.Go());
        hand.await("ends m1");
        gatekeeper.answer(2, new Verdict.Go());
        hand.await("begins m2");
        consumer.beginDrain(DrainRequest.because("test"));
        hand.await("given up 1");
        hand.happens("gate");
        assertThat(drain(consumer, DrainRequest.because("again")).clean()).isTrue();
        assertThat(gatekeeper.givenUp).containsExactly(1);
    }

    @Test
    void i12_what_admission_has_put_off_holds_no_drain() throws Exception {
        Gatekeeper gatekeeper = admits();
        hand.drain = DrainSettings.within(Duration.ofSeconds(10));
        MessageConsumer consumer = hand.start(message -> Outcome.accept());
        source.offer("a", 1);
        gatekeeper.answer(1, new Verdict.NotYet(LONG));
        DrainReport report = drain(consumer, DrainRequest.because("test"));
        assertThat(report.counts().released()).as(report.describe()).isEqualTo(1);
        assertThat(report.phases().total()).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void i13_in_order_a_retry_stays_in_the_process_and_its_followers_wait() throws Exception {
        hand.retry = Retry.fixed(3, Duration.ZERO);
        AtomicInteger tries = new AtomicInteger();
        MessageConsumer consumer = hand.start(message ->
                message.id().equals("m1") && tries.incrementAndGet() < 3 ? Outcome.retry() : Outcome.accept());
        source.offer("a", 1, 2);
        hand.await("ends m2");
        drain(consumer, DrainRequest.because("test"));
        assertThat(hand.handled).containsExactly("m1", "m1", "m1", "m2");
        assertThat(source.told).extracting(Settlement::outcome).containsOnly(Outcome.accept());
    }
}
