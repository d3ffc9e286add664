package io.lastcall;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A handler that had not ended when the drain's time was over. Immutable.
 *
 * @param messageId the message it was handling
 * @param ranFor how long it had run
 * @param thread the name of its thread; empty for work that holds no thread
 * @param stack where the thread stood, innermost first; empty for work that holds no thread
 */
public record Straggler(String messageId, Duration ranFor, Optional<String> thread, List<StackTraceElement> stack) {
    /** Copies the stack. */
    public Straggler {
        stack = List.copyOf(stack);
    }
}
