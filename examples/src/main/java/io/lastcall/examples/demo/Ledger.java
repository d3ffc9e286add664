package io.lastcall.examples.demo;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The demo's own book of what happened to each order: written by publisher and handler only, never by the library whose report it
 * is compared with. Safe for any thread.
 */
final class Ledger {

    private final Set<Integer> published = ConcurrentHashMap.newKeySet();
    private final Map<Integer, Integer> handled = new ConcurrentHashMap<>();
    private final Set<Integer> givenUp = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> turns = new ConcurrentHashMap<>();
    private final LongAdder retried = new LongAdder();
    private final LongAdder outOfOrder = new LongAdder();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger mostRunning = new AtomicInteger();
    private final AtomicInteger finished = new AtomicInteger();
    private final CompletableFuture<Void> goal = new CompletableFuture<>();
    private final int goalCount;
    /** Written by whoever publishes, read at the end; the first error stays. */
    private volatile @Nullable Throwable publishingError;

    /**
     * An empty book.
     *
     * @param goalCount how many orders must be done until {@link #goal} completes
     */
    Ledger(int goalCount) {
        this.goalCount = goalCount;
    }

    void published(Order order) {
        published.add(order.id());
    }

    synchronized void publishingFailed(Throwable error) {
        if (publishingError == null) {
            publishingError = error;
        }
    }

    /** A handler starts, for which time of trying. */
    void starts(Order order, int attempt) {
        mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
        if (attempt > 1) {
            retried.increment();
        }
        Integer last = turns.put(order.customer(), order.turn());
        if (last != null && last > order.turn()) {
            outOfOrder.increment();
        }
    }

    void ends() {
        running.decrementAndGet();
    }

    void handledWell(Order order) {
        if (handled.merge(order.id(), 1, Integer::sum) == 1) {
            finish();
        }
    }

    /** The last try has failed. */
    void givenUp(Order order) {
        if (givenUp.add(order.id())) {
            finish();
        }
    }

    private void finish() {
        if (finished.incrementAndGet() == goalCount) {
            goal.completeAsync(() -> null);
        }
    }

    /** Completes when as many orders as were meant are handled or given up; its dependents run on the common pool. */
    CompletableFuture<Void> goal() {
        return goal;
    }

    Optional<Throwable> publishingError() {
        return Optional.ofNullable(publishingError);
    }

    Set<Integer> publishedIds() {
        return published;
    }

    Set<Integer> handledIds() {
        return handled.keySet();
    }

    Set<Integer> givenUpIds() {
        return givenUp;
    }

    /** How often an order was handled well after it had been handled well. */
    long repeated() {
        return handled.values().stream().mapToLong(times -> times - 1).sum();
    }

    long retried() {
        return retried.sum();
    }

    /** How often an order of a customer was begun after a later one. */
    long outOfOrder() {
        return outOfOrder.sum();
    }

    int customers() {
        return turns.size();
    }

    int mostRunning() {
        return mostRunning.get();
    }
}
