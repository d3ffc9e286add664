package io.lastcall.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class SignalsTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final Signals signals = new Signals();

    @Test
    void a_signal_is_fired_once_and_for_ever() throws Exception {
        assertThat(signals.fired("done")).isFalse();
        signals.fire("done");
        signals.fire("done");
        assertThat(signals.fired("done")).isTrue();
        signals.await("done", Duration.ZERO);
    }

    @Test
    void who_waits_goes_on_when_another_thread_fires() throws Exception {
        Thread other = new Thread(() -> signals.fire("from there"), "other");
        other.start();
        signals.await("from there", LONG);
        other.join(LONG.toMillis());
    }

    @Test
    void a_signal_that_does_not_come_is_an_error_that_names_those_that_did() throws Exception {
        signals.fire("b");
        signals.fire("a");
        assertThat(signals.comes("never", Duration.ofMillis(1))).isFalse();
        assertThatThrownBy(() -> signals.await("never", Duration.ofMillis(1)))
                .isInstanceOf(AssertionError.class)
                .hasMessage("signal never was not fired within PT0.001S; fired: [a, b]");
    }

    @Test
    void who_waits_stubbornly_keeps_the_interrupt_for_afterwards() throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread stubborn = new Thread(
                () -> {
                    signals.fire("waiting");
                    signals.awaitStubbornly("end");
                    interrupted.set(Thread.currentThread().isInterrupted());
                },
                "stubborn");
        stubborn.start();
        signals.await("waiting", LONG);
        stubborn.interrupt();
        assertThat(LiveThreads.named(name -> name.equals("stubborn"))).containsExactly(stubborn);
        assertThat(LiveThreads.leftOf(List.of(stubborn), Duration.ofMillis(20)))
                .singleElement()
                .asString()
                .startsWith("stubborn at ");
        signals.fire("end");
        assertThat(LiveThreads.leftOf(List.of(stubborn), LONG)).isEmpty();
        assertThat(interrupted).isTrue();
    }
}
