package io.lastcall;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How the closing of one resource behind the consumers went. Immutable.
 *
 * @param name as it was registered
 * @param outcome how it went
 * @param took until it was closed, or until it was left behind
 * @param cause what its {@code close} threw
 * @param stack where its {@code close} stood when it was left behind, innermost first
 */
public record ClosedResource(
        String name, Outcome outcome, Duration took, Optional<Throwable> cause, List<StackTraceElement> stack) {

    /** How it went. */
    public enum Outcome {
        /** Its {@code close} returned in time. */
        CLOSED,
        /** Its {@code close} threw. */
        FAILED,
        /** The time was over first; its {@code close} goes on, and nothing waits for it. */
        LEFT_BEHIND
    }

    /** Copies the stack. */
    public ClosedResource {
        stack = List.copyOf(stack);
    }

    /**
     * For people: a line, and where it stood.
     *
     * @return text of one line or a few, without a line end at the end
     */
    public String describe() {
        StringBuilder text = new StringBuilder(name)
                .append(
                        switch (outcome) {
                            case CLOSED -> " closed in ";
                            case FAILED -> " failed to close after ";
                            case LEFT_BEHIND -> " still closing after ";
                        });
        text.append(took.toMillis()).append(" ms");
        cause.ifPresent(it -> text.append(" (").append(it).append(')'));
        stack.stream().limit(3).forEach(frame -> text.append("\n    at ").append(frame));
        return text.toString();
    }
}
