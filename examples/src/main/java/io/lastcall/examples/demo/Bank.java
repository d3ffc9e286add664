package io.lastcall.examples.demo;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** What a handler waits for: a service elsewhere that answers after a while. Safe for any thread. */
final class Bank {

    private final ScheduledExecutorService clock;

    Bank(ScheduledExecutorService clock) {
        this.clock = clock;
    }

    /** Waits for the answer. */
    void charge(Order order) throws InterruptedException, ExecutionException {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        long millis = order.kind() == Order.Kind.SLOW ? 200 : 5;
        var unused = clock.schedule(() -> answer.complete(true), millis, TimeUnit.MILLISECONDS);
        answer.get();
    }
}
