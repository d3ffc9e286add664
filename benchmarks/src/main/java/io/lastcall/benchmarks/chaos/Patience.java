package io.lastcall.benchmarks.chaos;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits of the one thread that directs a round. Stateless. */
final class Patience {

    /** The longest wait for anything. */
    static final Duration LIMIT = Duration.ofSeconds(60);

    private Patience() {}

    /** What did not come ends the round early, which is then checked as it stands. */
    static final class OverException extends Exception {
        private static final long serialVersionUID = 1;

        OverException(String what, Throwable why) {
            super(what, why);
        }
    }

    static <T> T await(CompletableFuture<T> event, String what) throws OverException {
        try {
            return event.get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new OverException("no " + what + " within " + LIMIT.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new OverException("no " + what + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OverException("interrupted while waiting for " + what, e);
        }
    }

    /** A moment of the plan. */
    static void pass(Duration time) throws OverException {
        CompletableFuture<Boolean> moment = new CompletableFuture<>();
        await(moment.completeOnTimeout(true, time.toNanos(), TimeUnit.NANOSECONDS), "moment");
    }
}
