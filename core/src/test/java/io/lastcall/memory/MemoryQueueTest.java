package io.lastcall.memory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lastcall.message.DeadLetter;
import io.lastcall.message.Header;
import io.lastcall.message.Headers;
import io.lastcall.message.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The queue as a source, driven by hand. */
class MemoryQueueTest {

    private static final Duration LONG = RecordingIntake.PATIENCE;

    private final MemoryQueue queue = MemoryQueue.of("orders", 8);

    private void publish(String... bodies) throws InterruptedException {
        for (String body : bodies) {
            assertThat(queue.publish(body.getBytes(UTF_8), body.getBytes(UTF_8), Headers.empty(), LONG))
                    .isTrue();
        }
    }

    private RecordingIntake consumer(int capacity) throws Exception {
        return new RecordingIntake(queue, capacity).start();
    }

    private static <T> T done(java.util.concurrent.CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(LONG.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Test
    void messages_come_in_order_and_in_batches_up_to_the_capacity() throws Exception {
        publish("a", "b", "c", "d", "e");
        RecordingIntake consumer = consumer(3);
        assertThat(consumer.awaitOffered(3)).containsExactly("a", "b", "c");
        consumer.capacity(10);
        assertThat(consumer.awaitOffered(5)).containsExactly("a", "b", "c", "d", "e");
        assertThat(consumer.batches).containsExactly(3, 2);
        assertThat(queue.held()).isEqualTo(5);
        assertThat(queue.waiting()).isZero();
    }

    @Test
    void a_message_carries_what_was_published() throws Exception {
        Headers headers = Headers.of(Header.of("trace", "42"));
        queue.publish("k".getBytes(UTF_8), "v".getBytes(UTF_8), headers, LONG);
        RecordingIntake consumer = consumer(1);
        consumer.awaitOffered(1);
        MemoryMessage message = consumer.delivery(0).receipt();
        assertThat(message.key()).isEqualTo("k".getBytes(UTF_8));
        assertThat(message.headers()).isEqualTo(headers);
        assertThat(message.id()).isEqualTo("orders-0");
        assertThat(message.origin().toString()).isEqualTo("memory:orders@0");
        assertThat(message.attempt()).isEqualTo(1);
    }

    @Test
    void a_full_queue_refuses_or_makes_wait_as_the_publisher_chose() throws Exception {
        publish("1", "2", "3", "4", "5", "6", "7", "8");
        assertThat(queue.tryPublish(null, new byte[0])).isFalse();
        assertThat(queue.publish(null, null, Headers.empty(), Duration.ofMillis(5)))
                .isFalse();
        var full = queue.request(null, null, Headers.empty(), Duration.ZERO).toCompletableFuture();
        assertThatThrownBy(full::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(QueueFullException.class)
                .hasMessageContaining("capacity = 8 of memory queue orders");

        CompletableFuture<Void> waiting = onThread(() -> queue.publish(null, "9".getBytes(UTF_8)));
        assertThat(waiting).isNotDone();
        RecordingIntake consumer = consumer(1);
        done(waiting);
        consumer.capacity(20);
        assertThat(consumer.awaitOffered(9)).endsWith("8", "9");
    }

    @Test
    void a_close_refuses_publishers_those_that_wait_too() throws Exception {
        publish("1", "2", "3", "4", "5", "6", "7", "8");
        CompletableFuture<Void> waiting = onThread(() -> queue.publish(null, null));
        queue.close();
        assertThatThrownBy(() -> done(waiting)).hasMessageContaining("memory queue orders is closed");
        assertThatThrownBy(() -> queue.tryPublish(null, null)).isInstanceOf(IllegalStateException.class);
        assertThat(queue.waiting()).isEqualTo(8);
    }

    @Test
    void a_request_is_answered_when_its_message_is_settled_for_good() throws Exception {
        var reply = queue.request(null, "a".getBytes(UTF_8), Headers.empty(), LONG);
        RecordingIntake consumer = consumer(10);
        consumer.awaitOffered(1);
        consumer.settle(Outcome.release(), 0);
        consumer.awaitOffered(2);
        consumer.settle(Outcome.retry(), 1);
        consumer.awaitOffered(3);
        assertThat(reply.toCompletableFuture()).isNotDone();
        Outcome outcome = Outcome.reject("no such order");
        consumer.settle(outcome, 2);
        assertThat(done(reply)).isSameAs(outcome);
        assertThat(consumer.answers()).isEqualTo(3);
        assertThat(queue.held()).isZero();
    }

    @Test
    void what_is_given_back_goes_out_first_and_in_its_order() throws Exception {
        publish("a", "b", "c", "d", "e", "f");
        RecordingIntake consumer = consumer(4);
        consumer.awaitOffered(4);
        consumer.settle(Outcome.release(), 2, 3);
        consumer.settle(Outcome.release(), 0, 1);
        consumer.capacity(6);
        assertThat(consumer.awaitOffered(10).subList(4, 10)).containsExactly("a", "b", "c", "d", "e", "f");
    }

    @Test
    void a_retry_counts_an_attempt_and_a_release_does_not() throws Exception {
        publish("a");
        RecordingIntake consumer = consumer(10);
        consumer.awaitOffered(1);
        consumer.settle(Outcome.release(), 0);
        consumer.awaitOffered(2);
        assertThat(consumer.delivery(1).message().attempt()).isEqualTo(1);
        consumer.settle(Outcome.retry(), 1);
        consumer.awaitOffered(3);
        assertThat(consumer.delivery(2).message().attempt()).isEqualTo(2);
        assertThat(consumer.delivery(2).message().id())
                .isEqualTo(consumer.delivery(0).message().id());
    }

    @Test
    void a_delayed_one_waits_by_the_intakes_clock() throws Exception {
        publish("a", "b");
        RecordingIntake consumer = consumer(10);
        consumer.awaitOffered(2);
        consumer.settle(Outcome.retry(Duration.ofSeconds(5)), 0);
        consumer.settle(Outcome.release(Duration.ofSeconds(3)), 1);
        consumer.awaitAsleep();
        assertThat(queue.waiting()).isEqualTo(2);
        consumer.advance(Duration.ofSeconds(3));
        assertThat(consumer.awaitOffered(3)).containsExactly("a", "b", "b");
        consumer.awaitAsleep();
        assertThat(consumer.bodies()).hasSize(3);
        consumer.advance(Duration.ofSeconds(2));
        assertThat(consumer.awaitOffered(4)).containsExactly("a", "b", "b", "a");
    }

    @Test
    void rejected_ones_are_kept_up_to_the_bound() throws Exception {
        MemoryQueue small = new MemoryQueue(new MemorySettings("small", 8).deadLetters(2));
        for (String body : List.of("a", "b", "c")) {
            small.publish(null, body.getBytes(UTF_8));
        }
        RecordingIntake consumer = new RecordingIntake(small, 8).start();
        consumer.awaitOffered(3);
        IllegalStateException cause = new IllegalStateException("bad");
        consumer.settle(Outcome.reject("unreadable", cause), 0, 1, 2);
        List<DeadLetter> kept = small.deadLetters().letters();
        assertThat(kept).extracting(it -> RecordingIntake.body(it.message())).containsExactly("b", "c");
        assertThat(kept).allSatisfy(it -> {
            assertThat(it.reason()).isEqualTo("unreadable");
            assertThat(it.cause()).isSameAs(cause);
            assertThat(it.consumer()).isEqualTo("recording");
        });
        assertThat(small.deadLetters().evicted()).isEqualTo(1);
        assertThat(small.deadLetters().takeAll()).hasSize(2);
        assertThat(small.deadLetters().letters()).isEmpty();
    }

    @Test
    void a_stop_is_confirmed_at_once_when_no_offer_is_under_way() throws Exception {
        RecordingIntake consumer = consumer(10);
        consumer.awaitAsleep();
        assertThat(consumer.source.stopReceiving().toCompletableFuture()).isDone();
        publish("a");
        joinAll(consumer);
        assertThat(consumer.bodies()).isEmpty();
        assertThat(queue.waiting()).isEqualTo(1);
    }

    @Test
    void a_stop_waits_for_the_offer_under_way() throws Exception {
        RecordingIntake consumer = new RecordingIntake(queue, 10);
        consumer.holdOffers(true);
        consumer.start();
        publish("a");
        consumer.awaitOfferHeld();
        var stopped = consumer.source.stopReceiving();
        assertThat(stopped.toCompletableFuture()).isNotDone();
        consumer.holdOffers(false);
        done(stopped);
        assertThat(consumer.bodies()).containsExactly("a");
        assertThat(consumer.source.stopReceiving().toCompletableFuture()).isDone();
    }

    @Test
    void a_stop_that_overtakes_the_start_leaves_nothing_to_start() throws Exception {
        publish("a");
        RecordingIntake consumer = new RecordingIntake(queue, 10);
        done(consumer.source.stopReceiving());
        consumer.start();
        assertThat(consumer.made()).isEmpty();
        consumer.source.close(LONG);
        assertThat(queue.waiting()).isEqualTo(1);
    }

    @Test
    void what_was_never_settled_comes_back_at_close_as_another_attempt() throws Exception {
        publish("a", "b", "c");
        RecordingIntake first = consumer(2);
        first.awaitOffered(2);
        first.drain();
        first.source.close(LONG);
        joinAll(first);
        RecordingIntake second = consumer(10);
        assertThat(second.awaitOffered(3)).containsExactly("a", "b", "c");
        assertThat(second.delivery(0).message().attempt()).isEqualTo(2);
        assertThat(second.delivery(2).message().attempt()).isEqualTo(1);
    }

    @Test
    void a_refused_offer_goes_back_as_it_was() throws Exception {
        publish("a", "b");
        RecordingIntake first = new RecordingIntake(queue, 10);
        first.refuse();
        first.start();
        joinAll(first);
        RecordingIntake second = consumer(10);
        assertThat(second.awaitOffered(2)).containsExactly("a", "b");
        assertThat(second.delivery(0).message().attempt()).isEqualTo(1);
        assertThat(first.failure()).isNull();
    }

    @Test
    void what_is_not_held_any_more_is_refused() throws Exception {
        publish("a", "b");
        RecordingIntake consumer = consumer(10);
        consumer.awaitOffered(2);
        consumer.settle(Outcome.accept(), 0);
        consumer.settle(Outcome.accept(), 0, 1);
        assertThat(consumer.answers()).isEqualTo(2);
        assertThat(consumer.failures()).hasSize(1);
        assertThat(queue.held()).isZero();
    }

    @Test
    void a_closed_queue_ends_its_consumers_when_the_last_message_is_settled() throws Exception {
        publish("a", "b");
        RecordingIntake busy = consumer(2);
        busy.awaitOffered(2);
        RecordingIntake idle = consumer(2);
        idle.awaitAsleep();
        queue.close();
        busy.settle(Outcome.accept(), 0);
        idle.awaitAsleep();
        assertThat(idle.hasEnded()).isFalse();
        busy.settle(Outcome.release(), 1);
        idle.awaitOffered(1);
        busy.capacity(5);
        busy.awaitAsleep();
        assertThat(busy.hasEnded()).isFalse();
        idle.settle(Outcome.accept(), 0);
        idle.awaitEnded();
        busy.awaitEnded();
    }

    @Test
    void a_wake_up_is_handed_on_by_who_has_no_capacity_any_more() throws Exception {
        RecordingIntake one = consumer(10);
        RecordingIntake other = consumer(10);
        one.awaitAsleep();
        other.awaitAsleep();
        one.capacity(0);
        publish("a");
        assertThat(other.awaitOffered(1)).containsExactly("a");
        assertThat(one.bodies()).isEmpty();
    }

    @Test
    void settings_say_what_is_wrong_with_them() {
        assertThatThrownBy(() -> MemoryQueue.of("orders", 0)).hasMessage("capacity = 0, must be at least 1");
        assertThatThrownBy(() -> MemoryQueue.of(" ", 1)).hasMessage("name = \" \", must not be blank");
        assertThatThrownBy(() -> new MemorySettings("a", 1).deadLetters(-1))
                .hasMessage("deadLetters = -1, must be at least 0");
        assertThatThrownBy(() -> new MemorySettings("a", 1).rules(MemorySettings.RULES.withLease(LONG)))
                .hasMessageContaining("rules.lease");
    }

    private static void joinAll(RecordingIntake consumer) throws InterruptedException {
        for (Thread thread : consumer.made()) {
            thread.join(LONG.toMillis());
            assertThat(thread.isAlive()).isFalse();
        }
    }

    private interface Task {
        void run() throws Exception;
    }

    private static CompletableFuture<Void> onThread(Task task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        task.run();
                        done.complete(null);
                    } catch (Exception e) {
                        done.completeExceptionally(e);
                    }
                },
                "publisher");
        thread.setDaemon(true);
        thread.start();
        return done;
    }
}
