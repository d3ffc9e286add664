package io.lastcall.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why settlements were not settled.
 *
 * @param kind whether the broker said no, or nobody knows
 * @param what in words, for the report; no secrets
 * @param cause the error behind it, or null
 */
public record Failure(Kind kind, String what, @Nullable Throwable cause) {

    /** The two ways to fail. */
    public enum Kind {
        /** The broker did not take it, and never will: the delivery is no longer ours. */
        REFUSED,
        /** It may have been taken or not. */
        UNKNOWN
    }

    /** Checks that kind and text are there. */
    public Failure {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(what, "what");
    }

    /**
     * The broker did not take it.
     *
     * @param what in words
     * @param cause the error behind it, or null
     * @return the failure
     */
    public static Failure refused(String what, @Nullable Throwable cause) {
        return new Failure(Kind.REFUSED, what, cause);
    }

    /**
     * Nobody knows.
     *
     * @param what in words
     * @param cause the error behind it, or null
     * @return the failure
     */
    public static Failure unknown(String what, @Nullable Throwable cause) {
        return new Failure(Kind.UNKNOWN, what, cause);
    }
}
