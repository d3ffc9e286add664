package io.lastcall.internal.consumer;

import io.lastcall.MessageConsumer;
import org.jspecify.annotations.Nullable;

/** Makes consumers. */
public final class Consumers {
    private static final @Nullable MessageConsumer NONE = null;

    private Consumers() {}

    public static <R> MessageConsumer create(Plan<R> plan) {
        return java.util.Objects.requireNonNull(NONE, "the engine is not there yet: " + plan.name());
    }
}
