package io.lastcall.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Finds platform threads that should have ended. Virtual threads cannot be listed and are not seen. Stateless. */
public final class LiveThreads {

    private LiveThreads() {}

    /**
     * The live platform threads whose name fits.
     *
     * @param name says which names fit
     * @return the threads, in no order
     */
    public static List<Thread> named(Predicate<String> name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> name.test(thread.getName()))
                .toList();
    }

    /**
     * Waits until threads have ended, all under one deadline.
     *
     * @param threads which
     * @param atMost the longest wait for all of them
     * @return those that live on, each with its name and where it stands; empty when all have ended
     * @throws InterruptedException when the waiting thread is interrupted
     */
    public static List<String> leftOf(List<Thread> threads, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        List<String> left = new ArrayList<>();
        for (Thread thread : threads) {
            long millis = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
            thread.join(millis);
            if (thread.isAlive()) {
                StackTraceElement[] stack = thread.getStackTrace();
                left.add(thread.getName() + (stack.length == 0 ? "" : " at " + stack[0]));
            }
        }
        return left;
    }
}
