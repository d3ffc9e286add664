package io.lastcall;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that did not go as it should. Immutable; holds no message bodies and no credentials.
 *
 * @param where the step: {@code start}, {@code stopReceiving}, {@code settle}, {@code extend}, {@code close}, {@code source},
 *     {@code handler} (a message was given up; it stands in the counts and makes no report unclean), {@code deadLetter}, {@code account}
 * @param what in words
 * @param cause the error behind it, or null
 */
public record Problem(String where, String what, @Nullable Throwable cause) {
    /** Checks that place and text are there. */
    public Problem {
        Objects.requireNonNull(where, "where");
        Objects.requireNonNull(what, "what");
    }

    @Override
    public String toString() {
        return where + ": " + what + (cause == null ? "" : " (" + cause + ")");
    }
}
