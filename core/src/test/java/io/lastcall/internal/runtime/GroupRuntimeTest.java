package io.lastcall.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lastcall.ClosedResource;
import io.lastcall.ConsumerRuntime;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.RuntimeReport;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The runtime on the JVM's own clock and threads. */
class GroupRuntimeTest {

    private final FakeConsumer orders = FakeConsumer.prompt("orders");

    @Test
    void start_waits_until_all_stand_and_close_until_all_is_done() {
        ConsumerRuntime runtime = ConsumerRuntime.of(orders).build();
        try (runtime) {
            assertThat(runtime.start()).isSameAs(runtime);
            assertThat(runtime.ready()).isCompleted();
            assertThat(runtime.done()).isNotCompleted();
        }
        assertThat(runtime.done()).isCompleted();
        assertThat(runtime.drain().exitStatus()).isZero();
    }

    @Test
    void start_throws_what_kept_a_consumer_from_starting() {
        FakeConsumer broken = FakeConsumer.silent("broken");
        IOException refused = new IOException("refused");
        broken.refuseToStart(refused);
        broken.onDrain(broken::endClean);
        ConsumerRuntime runtime = ConsumerRuntime.of(orders, broken).build();
        assertThatThrownBy(runtime::start)
                .isInstanceOf(IllegalStateException.class)
                .rootCause()
                .isSameAs(refused);
        assertThat(runtime.drain().exitStatus()).isEqualTo(RuntimeReport.EXIT_FAILED);
    }

    @Test
    void it_starts_once() {
        try (ConsumerRuntime runtime =
                ConsumerRuntime.of(orders).name("shop").build().start()) {
            assertThatThrownBy(runtime::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("runtime shop was started before");
        }
    }

    @Test
    void a_consumer_that_was_started_elsewhere_is_refused_and_left_alone() {
        orders.beginStart();
        ConsumerRuntime runtime = ConsumerRuntime.of(orders).build();
        assertThatThrownBy(runtime::start).hasMessageContaining("consumer orders is RUNNING already");
        assertThat(orders.requests).isEmpty();
    }

    @Test
    void a_resource_that_hangs_is_left_behind_with_its_stack_and_costs_no_more_than_the_deadline() {
        CountDownLatch never = new CountDownLatch(1);
        ConsumerRuntime runtime = ConsumerRuntime.of(orders)
                .drain(DrainSettings.within(Duration.ofMillis(300)))
                .closing("pool", () -> never.await())
                .build()
                .start();
        RuntimeReport report = runtime.drain();
        assertThat(report.took()).isBetween(Duration.ofMillis(300), Duration.ofMillis(550));
        ClosedResource pool = report.resources().get(0);
        assertThat(pool.outcome()).isEqualTo(ClosedResource.Outcome.LEFT_BEHIND);
        assertThat(pool.stack()).extracting(StackTraceElement::getMethodName).contains("await");
        never.countDown();
    }

    @Test
    void an_interrupt_neither_cuts_a_drain_short_nor_gets_lost() {
        FakeConsumer slow = FakeConsumer.silent("slow");
        slow.stand();
        ConsumerRuntime runtime = ConsumerRuntime.of(slow).build().start();
        Thread.currentThread().interrupt();
        // The drain waits, interrupted from the start, until another thread lets the consumer end.
        slow.onDrain(() -> new Thread(slow::endClean).start());
        RuntimeReport report = runtime.drain();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.clean()).isTrue();
    }

    @Test
    void dependents_of_done_run_where_hanging_costs_nothing() throws InterruptedException {
        AtomicReference<@Nullable String> thread = new AtomicReference<>();
        CountDownLatch told = new CountDownLatch(1);
        ConsumerRuntime runtime =
                ConsumerRuntime.of(orders).name("shop").build().start();
        runtime.done().thenRun(() -> {
            thread.set(Thread.currentThread().getName());
            told.countDown();
        });
        runtime.beginDrain(DrainRequest.because("test"));
        assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(thread.get()).isEqualTo("shop-completion");
    }

    @Test
    void no_thread_is_left_when_it_is_done() throws InterruptedException {
        ConsumerRuntime.of(orders)
                .name("leaver")
                .closing("pool", () -> {})
                .build()
                .start()
                .close();
        Set<Thread> left = Thread.getAllStackTraces().keySet().stream()
                .filter(it -> it.getName().startsWith("leaver-"))
                .collect(Collectors.toSet());
        for (Thread thread : left) {
            thread.join(10_000); // those that are just ending
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    @Test
    void settings_are_refused_by_name() {
        assertThatThrownBy(() -> ConsumerRuntime.of().build()).hasMessageContaining("has no consumer");
        assertThatThrownBy(() -> ConsumerRuntime.of(orders, orders)).hasMessageContaining("consumer = orders");
        assertThatThrownBy(() -> ConsumerRuntime.of(orders).name(" ")).hasMessageContaining("name = \" \"");
    }
}
