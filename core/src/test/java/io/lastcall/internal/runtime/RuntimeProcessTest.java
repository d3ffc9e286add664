package io.lastcall.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Real signals to a real process. */
class RuntimeProcessTest {

    @Test
    void a_signal_drains_and_the_status_is_zero_after_a_clean_drain() throws IOException, InterruptedException {
        try (ChildJvm child = new ChildJvm(RuntimeProcess.class, "prompt")) {
            child.await("> ready");
            child.signal("TERM");
            assertThat(child.status()).as(child.text()).isZero();
            assertThat(child.said()).containsExactly("ready", "pool closed", "telemetry flushed");
            assertThat(child.text()).contains("runtime ended clean (SIGTERM)", "orders drained clean");
        }
    }

    @Test
    void each_further_signal_goes_one_step_harder_and_an_unclean_drain_has_its_own_status()
            throws IOException, InterruptedException {
        try (ChildJvm child = new ChildJvm(RuntimeProcess.class, "stubborn")) {
            child.await("> ready");
            child.signal("TERM");
            child.await("> asked SIGTERM FINISH_UNTIL_DEADLINE");
            child.signal("INT");
            child.await("> asked SIGINT STOP_NOW");
            assertThat(child.status()).as(child.text()).isEqualTo(3);
            assertThat(child.text()).contains("orders drained, not clean");
        }
    }

    @Test
    void a_failure_has_its_own_status() throws IOException, InterruptedException {
        try (ChildJvm child = new ChildJvm(RuntimeProcess.class, "failing")) {
            assertThat(child.status()).as(child.text()).isEqualTo(4);
            assertThat(child.said()).containsExactly("ready", "pool closed", "telemetry flushed");
            assertThat(child.text()).contains("failure: java.io.IOException: broker is gone");
        }
    }

    @Test
    void an_exit_by_somebody_else_drains_too_and_keeps_its_status() throws IOException, InterruptedException {
        try (ChildJvm child = new ChildJvm(RuntimeProcess.class, "exits-elsewhere")) {
            assertThat(child.status()).as(child.text()).isEqualTo(7);
            assertThat(child.said()).contains("pool closed");
        }
    }

    @Test
    void embedded_use_drains_in_a_hook() throws IOException, InterruptedException {
        try (ChildJvm child = new ChildJvm(RuntimeProcess.class, "embedded")) {
            child.await("> ready");
            child.signal("TERM");
            assertThat(child.status()).as("as the JVM answers TERM").isEqualTo(128 + 15);
            assertThat(child.said()).contains("pool closed");
        }
    }

    @Test
    void without_signals_and_hook_nothing_drains() throws IOException, InterruptedException {
        try (ChildJvm child = new ChildJvm(RuntimeProcess.class, "not-drained")) {
            child.await("> ready");
            child.signal("TERM");
            assertThat(child.status()).isEqualTo(128 + 15);
            assertThat(child.said()).doesNotContain("pool closed");
        }
    }

    @Test
    void a_real_consumer_finishes_what_has_started() throws IOException, InterruptedException {
        try (ChildJvm child = new ChildJvm(RuntimeProcess.class, "engine")) {
            child.await("> handling");
            child.signal("TERM");
            assertThat(child.status()).as(child.text()).isZero();
            assertThat(child.text()).contains("received 1 = 1 accepted");
        }
    }

    @Test
    void a_real_consumer_whose_handler_hangs_is_left_behind_at_the_third_signal()
            throws IOException, InterruptedException {
        try (ChildJvm child = new ChildJvm(RuntimeProcess.class, "engine-hanging")) {
            child.await("> handling");
            child.signal("TERM");
            child.await("draining reason=SIGTERM");
            child.signal("TERM");
            child.await("draining harder reason=SIGTERM");
            child.signal("INT");
            assertThat(child.status()).as(child.text()).isEqualTo(3);
            assertThat(child.said()).contains("interrupted", "telemetry flushed");
            assertThat(child.text()).contains("mode hard", "1 abandoned", "straggler: orders-");
        }
    }
}
