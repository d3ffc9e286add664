package io.lastcall.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lastcall.ConsumerState;
import io.lastcall.DrainReport;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Workers;
import io.lastcall.memory.MemoryQueue;
import io.lastcall.message.Outcome;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class LifecycleStressTest {

    private static MessageConsumer consumer(MemoryQueue queue, String name) {
        return MessageConsumer.from(queue.source())
                .name(name)
                .concurrency(2)
                .workers(Workers.PLATFORM)
                .drain(DrainSettings.within(Duration.ofSeconds(5)))
                .handle((message, context) -> Outcome.accept());
    }

    private static MemoryQueue filled(int messages) {
        MemoryQueue queue = MemoryQueue.of("stressed", messages);
        while (queue.waiting() < messages) {
            queue.tryPublish(null, null);
        }
        return queue;
    }

    @Test
    void a_consumer_of_a_memory_queue_stands_it() throws Exception {
        MemoryQueue queue = filled(100_000);
        List<DrainReport> reports = LifecycleStress.of(name -> consumer(queue, name))
                .rounds(200)
                .threads(4)
                .seed(20261124)
                .run();
        assertThat(reports).hasSize(200);
        assertThat(reports).anyMatch(report -> report.counts().accepted() > 0);
    }

    @Test
    void a_thread_that_is_left_behind_is_found() {
        MemoryQueue queue = filled(10);
        Signals signals = new Signals();
        try {
            assertThatThrownBy(() -> LifecycleStress.of(name -> {
                                new Thread(() -> signals.awaitStubbornly("end"), name + "-leak").start();
                                return consumer(queue, name);
                            })
                            .rounds(1)
                            .seed(7)
                            .run())
                    .isInstanceOf(AssertionError.class)
                    .hasMessageStartingWith("seed = 7, round = 0: threads after close: [stress-7-0-")
                    .hasMessageContaining("-leak at ");
        } finally {
            signals.fire("end");
        }
    }

    @Test
    void a_consumer_that_does_not_end_closed_is_found() {
        MemoryQueue queue = filled(10);
        assertThatThrownBy(() -> LifecycleStress.of(
                                name -> lying(consumer(queue, name), "state", real -> ConsumerState.CLOSING))
                        .rounds(1)
                        .run())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("state = CLOSING after the drain");
    }

    @Test
    void a_call_that_throws_is_found() {
        MemoryQueue queue = filled(10);
        assertThatThrownBy(() -> LifecycleStress.of(name -> lying(consumer(queue, name), "pause", real -> {
                            throw new UnsupportedOperationException("no pause");
                        }))
                        .rounds(20)
                        .run())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("a call failed that must not");
    }

    @Test
    void settings_name_their_range() {
        assertThatThrownBy(() ->
                        LifecycleStress.of(name -> consumer(filled(1), name)).rounds(0))
                .hasMessage("rounds = 0, must be at least 1");
    }

    /** A consumer that answers one question otherwise. */
    private static MessageConsumer lying(MessageConsumer real, String method, Function<Object, Object> lie) {
        return (MessageConsumer) Proxy.newProxyInstance(
                MessageConsumer.class.getClassLoader(),
                new Class<?>[] {MessageConsumer.class},
                (proxy, called, given) -> {
                    try {
                        Object truth = called.invoke(real, given);
                        return called.getName().equals(method) ? lie.apply(truth) : truth;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
