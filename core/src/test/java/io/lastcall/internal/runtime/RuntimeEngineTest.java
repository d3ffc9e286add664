package io.lastcall.internal.runtime;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lastcall.ClosedResource;
import io.lastcall.ConsumerRuntime;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.FailurePolicy;
import io.lastcall.MessageConsumer;
import io.lastcall.MessageHandler;
import io.lastcall.RuntimeReport;
import io.lastcall.memory.MemoryQueue;
import io.lastcall.message.Outcome;
import io.lastcall.spi.SourceFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The runtime over real consumers on queues in memory. */
class RuntimeEngineTest {

    private final MemoryQueue orders = MemoryQueue.of("orders", 100);
    private final MemoryQueue payments = MemoryQueue.of("payments", 100);
    private final CountDownLatch never = new CountDownLatch(1);

    @Test
    void two_consumers_that_hang_drain_in_parallel_under_one_deadline() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(2);
        MessageHandler<byte[]> hangs = (message, context) -> {
            running.countDown();
            never.await();
            return Outcome.accept();
        };
        ConsumerRuntime runtime = ConsumerRuntime.of(
                        consumer("orders", orders.source(), hangs), consumer("payments", payments.source(), hangs))
                .drain(DrainSettings.within(Duration.ofSeconds(3)))
                .build()
                .start();
        publish(orders, "a");
        publish(payments, "b");
        assertThat(running.await(10, SECONDS)).isTrue();

        RuntimeReport report = runtime.drain();

        assertThat(report.took()).isBetween(Duration.ofSeconds(2), Duration.ofMillis(3_250));
        assertThat(report.consumers())
                .allSatisfy(it -> assertThat(it.counts().released()).isEqualTo(1));
        assertThat(report.clean()).as(report.describe()).isTrue();
        assertThat(orders.waiting() + payments.waiting()).isEqualTo(2);
    }

    @Test
    void a_resource_is_open_until_the_last_handler_has_ended() {
        List<String> events = new CopyOnWriteArrayList<>();
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch drainAsked = new CountDownLatch(1);
        ConsumerRuntime runtime = ConsumerRuntime.of(consumer("orders", orders.source(), (message, context) -> {
                    running.countDown();
                    drainAsked.await();
                    events.add("handled");
                    return Outcome.accept();
                }))
                .closing("database", () -> events.add("database closed"))
                .closing("producer", () -> events.add("producer closed"))
                .build()
                .start();
        publish(orders, "a");
        await(running);
        var done = runtime.beginDrain(DrainRequest.because("test"));
        drainAsked.countDown();
        RuntimeReport report = done.toCompletableFuture().join();
        assertThat(events).containsExactly("handled", "producer closed", "database closed");
        assertThat(report.resources()).extracting(ClosedResource::name).containsExactly("producer", "database");
        assertThat(report.exitStatus()).isZero();
    }

    @Test
    void a_source_that_breaks_stops_the_group() {
        BrokenSource<?> source = BrokenSource.of(orders.source(), 0);
        ConsumerRuntime runtime = ConsumerRuntime.of(
                        consumer("orders", source, accept()), consumer("payments", payments.source(), accept()))
                .build()
                .start();
        IOException gone = new IOException("gone");
        source.breakNow(gone);
        RuntimeReport report = runtime.done().toCompletableFuture().join();
        assertThat(report.failure()).containsSame(gone);
        assertThat(report.exitStatus()).isEqualTo(RuntimeReport.EXIT_FAILED);
        assertThat(report.consumers()).extracting(DrainReport::consumer).containsExactly("orders", "payments");
        assertThat(report.consumers().get(1).clean()).isTrue();
    }

    @Test
    void a_source_that_breaks_is_opened_afresh_and_goes_on() throws InterruptedException {
        BrokenSource<?> source = BrokenSource.of(orders.source(), 2); // the first starts fail, too
        BlockingQueue<String> handled = new ArrayBlockingQueue<>(10);
        ConsumerRuntime runtime = ConsumerRuntime.of(consumer("orders", source, (message, context) -> {
                    handled.add(new String(bodyOf(message.body()), StandardCharsets.UTF_8));
                    return Outcome.accept();
                }))
                .onFailure(FailurePolicy.restart(Duration.ofMillis(1), Duration.ofMillis(10), 5))
                .build()
                .start();
        source.awaitStart();
        publish(orders, "before");
        assertThat(handled.poll(10, SECONDS)).isEqualTo("before");
        source.breakNow(new IOException("gone"));
        source.awaitStart();
        publish(orders, "after");
        assertThat(handled.poll(10, SECONDS)).isEqualTo("after");
        RuntimeReport report = runtime.drain();
        assertThat(report.restarted()).hasSize(3);
        assertThat(report.counts().accepted()).isEqualTo(2);
        assertThat(report.exitStatus()).as(report.describe()).isZero();
    }

    @Test
    void it_is_done_by_itself_when_its_queues_are_closed_and_empty() {
        publish(orders, "a");
        orders.close();
        ConsumerRuntime runtime = ConsumerRuntime.of(consumer("orders", orders.source(), accept()))
                .build();
        var unused = runtime.beginStart();
        RuntimeReport report = runtime.done().toCompletableFuture().join();
        assertThat(report.reason()).isEqualTo("all consumers ended");
        assertThat(report.counts().accepted()).isEqualTo(1);
        assertThat(report.exitStatus()).isZero();
    }

    @Test
    void a_blocking_drain_from_a_handler_is_refused_and_the_other_one_works() {
        CountDownLatch built = new CountDownLatch(1);
        ConsumerRuntime[] runtime = new ConsumerRuntime[1];
        List<String> refusals = new CopyOnWriteArrayList<>();
        runtime[0] = ConsumerRuntime.of(consumer("orders", orders.source(), (message, context) -> {
                    built.await();
                    assertThatThrownBy(() -> runtime[0].drain())
                            .isInstanceOf(IllegalStateException.class)
                            .satisfies(it -> refusals.add(String.valueOf(it.getMessage())));
                    var unused = runtime[0].beginDrain(DrainRequest.because("enough"));
                    return Outcome.accept();
                }))
                .name("shop")
                .build();
        runtime[0].start();
        publish(orders, "a");
        built.countDown();
        RuntimeReport report = runtime[0].done().toCompletableFuture().join();
        assertThat(report.reason()).isEqualTo("enough");
        assertThat(report.counts().accepted()).isEqualTo(1);
        assertThat(refusals).singleElement().asString().contains("runtime shop", "handler of consumer orders");
    }

    @Test
    void the_group_caps_a_consumer_that_would_finish_all_however_long_it_takes() throws InterruptedException {
        CountDownLatch running = new CountDownLatch(1);
        MessageConsumer patient = MessageConsumer.from(orders.source())
                .name("orders")
                .drain(DrainSettings.within(Duration.ofHours(1)).mode(DrainMode.FINISH_ALL))
                .handle((message, context) -> {
                    running.countDown();
                    never.await();
                    return Outcome.accept();
                });
        ConsumerRuntime runtime = ConsumerRuntime.of(patient)
                .drain(DrainSettings.within(Duration.ofSeconds(3)))
                .build()
                .start();
        publish(orders, "a");
        assertThat(running.await(10, SECONDS)).isTrue();
        RuntimeReport report = runtime.drain();
        assertThat(report.took()).isLessThan(Duration.ofMillis(3_250));
        assertThat(report.counts().released()).isEqualTo(1);
    }

    @Test
    void a_hard_drain_is_told_to_every_consumer() {
        CountDownLatch running = new CountDownLatch(1);
        ConsumerRuntime runtime = ConsumerRuntime.of(consumer("orders", orders.source(), (message, context) -> {
                    running.countDown();
                    never.await();
                    return Outcome.accept();
                }))
                .drain(DrainSettings.within(Duration.ofHours(1)))
                .build()
                .start();
        publish(orders, "a");
        await(running);
        var unused = runtime.beginDrain(DrainRequest.because("test"));
        RuntimeReport report = runtime.beginDrain(DrainRequest.because("now").mode(DrainMode.STOP_NOW))
                .toCompletableFuture()
                .join();
        assertThat(report.consumers().get(0).mode()).isEqualTo(DrainMode.STOP_NOW);
        assertThat(report.counts().released()).isEqualTo(1);
    }

    private static <R> MessageConsumer consumer(String name, SourceFactory<R> source, MessageHandler<byte[]> handler) {
        return MessageConsumer.from(source).name(name).handle(handler);
    }

    private static MessageHandler<byte[]> accept() {
        return (message, context) -> Outcome.accept();
    }

    private static byte[] bodyOf(byte @Nullable [] body) {
        return body == null ? new byte[0] : body;
    }

    private static void publish(MemoryQueue queue, String text) {
        assertThat(queue.tryPublish(null, text.getBytes(StandardCharsets.UTF_8)))
                .isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
