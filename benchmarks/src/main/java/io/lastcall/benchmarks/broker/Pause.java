package io.lastcall.benchmarks.broker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What a handler does that waits for something else: it blocks. Stateless. */
final class Pause {

    private Pause() {}

    static void take(Duration time) throws InterruptedException {
        // One latch for each: a shared one would make those who wait queue up behind each other.
        if (new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new AssertionError("nobody opens this");
        }
    }
}
