package io.lastcall.testkit;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Named signals for tests, each fired once and for ever: one thread says that something has happened, others wait for it instead of
 * for a time. A signal exists as soon as somebody names it. Safe for any thread.
 */
public final class Signals {

    private final Map<String, CountDownLatch> latches = new ConcurrentHashMap<>();

    /** No signals yet. */
    public Signals() {}

    /**
     * Fires a signal. Firing it again changes nothing.
     *
     * @param name the signal
     */
    public void fire(String name) {
        latch(name).countDown();
    }

    /**
     * Whether a signal has been fired.
     *
     * @param name the signal
     * @return true from the first {@link #fire} on
     */
    public boolean fired(String name) {
        return latch(name).getCount() == 0;
    }

    /**
     * Waits for a signal that must come.
     *
     * @param name the signal
     * @param atMost the longest wait
     * @throws AssertionError when it did not come in time; names the signals that did
     * @throws InterruptedException when the waiting thread is interrupted
     */
    public void await(String name, Duration atMost) throws InterruptedException {
        if (!comes(name, atMost)) {
            throw new AssertionError("signal " + name + " was not fired within " + atMost + "; fired: " + allFired());
        }
    }

    /**
     * Waits for a signal that may come or not.
     *
     * @param name the signal
     * @param atMost the longest wait
     * @return whether it came
     * @throws InterruptedException when the waiting thread is interrupted
     */
    public boolean comes(String name, Duration atMost) throws InterruptedException {
        return latch(name).await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Waits for a signal as a handler does that listens to nobody: interrupts do not end the wait, they are kept for afterwards.
     *
     * @param name the signal
     */
    public void awaitStubbornly(String name) {
        boolean interrupted = false;
        while (true) {
            try {
                latch(name).await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private CountDownLatch latch(String name) {
        return latches.computeIfAbsent(name, any -> new CountDownLatch(1));
    }

    private Set<String> allFired() {
        Set<String> names = new TreeSet<>();
        latches.forEach((name, latch) -> {
            if (latch.getCount() == 0) {
                names.add(name);
            }
        });
        return names;
    }
}
