package io.lastcall.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit waits for the hook, the hook for the drain: the drain must not wait for the handler that called exit. */
class ExitingHandlerTest {

    @ParameterizedTest
    @ValueSource(strings = {"running", "draining"})
    void a_handler_that_calls_exit_is_abandoned_at_once(String before) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        try (ChildJvm child = new ChildJvm(ExitingHandler.class, before)) {
            assertThat(child.status()).as(child.text()).isEqualTo(7);
            assertThat(child.said()).as(child.text()).containsExactly("abandoned 1 stragglers 1");
        }
        assertThat(System.nanoTime() - begun)
                .as("far less than the drain's ten minutes")
                .isLessThan(120_000_000_000L);
    }
}
