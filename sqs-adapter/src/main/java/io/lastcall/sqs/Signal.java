package io.lastcall.sqs;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Tells waiting threads that something has changed. Take {@link #next()} first, look at the state then, and wait for the stage
 * if the state is not right: no change in between is missed. Safe for any thread.
 */
final class Signal {

    private final AtomicReference<CompletableFuture<Void>> next = new AtomicReference<>(new CompletableFuture<>());

    /** Completes at the next {@link #fire()}. */
    CompletionStage<Void> next() {
        return next.get();
    }

    void fire() {
        next.getAndSet(new CompletableFuture<>()).complete(null);
    }
}
