package io.lastcall.internal.time;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A result that users wait for. Each who asks gets a future of their own, completed on a thread of its own: what one of them hangs on
 * it, or does to it, is nobody else's business. Safe for any thread.
 */
public final class Promise<T> {

    private final Host host;
    /** Never handed out while it is open. */
    private final CompletableFuture<T> result = new CompletableFuture<>();

    public Promise(Host host) {
        this.host = host;
    }

    public void complete(T value) {
        result.complete(value);
    }

    /** Completes one that has no value. */
    public static void complete(Promise<Void> promise) {
        promise.result.complete(null);
    }

    public void fail(Throwable why) {
        result.completeExceptionally(why);
    }

    public CompletionStage<T> stage() {
        CompletableFuture<T> own = new CompletableFuture<>();
        Executor thread = result.isDone() ? Runnable::run : task -> host.detach("completion", task);
        var unused = result.whenCompleteAsync((value, error) -> pass(own, value, error), thread);
        return own;
    }

    private static <T> void pass(CompletableFuture<T> own, T value, @Nullable Throwable error) {
        if (error == null) {
            own.complete(value);
        } else {
            own.completeExceptionally(error);
        }
    }

    /** Waits for the result itself, whatever others have hung on theirs. */
    public T await() throws InterruptedException {
        if (!host.await(result, Long.MAX_VALUE)) {
            throw new AssertionError("for ever is over");
        }
        return result.join();
    }
}
