package io.lastcall.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.message.Headers;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Settlement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a queue holds, and who sleeps because it holds nothing. One lock, under which nothing foreign is called: what has to be woken
 * is returned, and woken by the caller. Safe for any thread.
 */
final class Stock {

    /** More at once saves nothing, and fewer are left for a competing consumer. */
    private static final int MOST_AT_ONCE = 1_024;

    private static final Duration LONGEST = Duration.ofDays(36_500);

    /** What a reception got. */
    sealed interface Taken {

        /** Messages, to be offered. */
        record Batch(
                List<Delivery<MemoryMessage>> deliveries,
                @Nullable CompletableFuture<?> alsoWake) implements Taken {}

        /** None now: wait for this, or until a delayed one is due. */
        record Nothing(CompletableFuture<Void> arrival, long nanosUntilDue) implements Taken {}

        /** The queue is closed, and everything is settled. */
        record Ended() implements Taken {}

        /** This reception is to receive no more. */
        record Stopped() implements Taken {}
    }

    private final MemorySettings settings;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();

    @GuardedBy("lock")
    private final ArrayDeque<MemoryMessage> fresh = new ArrayDeque<>();

    /** Given back; older than all that is fresh. */
    @GuardedBy("lock")
    private final PriorityQueue<MemoryMessage> returned =
            new PriorityQueue<>(Comparator.comparingLong(message -> message.sequence));

    @GuardedBy("lock")
    private final PriorityQueue<MemoryMessage> delayed =
            new PriorityQueue<>((one, other) -> Long.signum(one.due - other.due));

    /** Receptions that had capacity and found nothing. */
    @GuardedBy("lock")
    private final ArrayDeque<Reception> sleepers = new ArrayDeque<>();

    @GuardedBy("lock")
    private long sequence;

    @GuardedBy("lock")
    private int held;

    @GuardedBy("lock")
    private int publishersWaiting;

    @GuardedBy("lock")
    private boolean closed;

    Stock(MemorySettings settings) {
        this.settings = settings;
    }

    // ---- publishing ----

    boolean put(
            byte @Nullable [] key,
            byte @Nullable [] body,
            Headers headers,
            @Nullable CompletableFuture<Outcome> reply,
            long nanos)
            throws InterruptedException {
        CompletableFuture<?> wake;
        lock.lockInterruptibly();
        try {
            refuseClosed();
            long left = nanos;
            while (isFull()) {
                if (left <= 0) {
                    return false;
                }
                publishersWaiting++;
                try {
                    left = room.awaitNanos(left);
                } finally {
                    publishersWaiting--;
                }
                refuseClosed();
            }
            wake = add(key, body, headers, reply);
        } finally {
            lock.unlock();
        }
        wake(wake);
        return true;
    }

    boolean tryPut(byte @Nullable [] key, byte @Nullable [] body, Headers headers) {
        CompletableFuture<?> wake;
        lock.lock();
        try {
            refuseClosed();
            if (isFull()) {
                return false;
            }
            wake = add(key, body, headers, null);
        } finally {
            lock.unlock();
        }
        wake(wake);
        return true;
    }

    @GuardedBy("lock")
    private @Nullable CompletableFuture<?> add(
            byte @Nullable [] key,
            byte @Nullable [] body,
            Headers headers,
            @Nullable CompletableFuture<Outcome> reply) {
        long published = System.currentTimeMillis();
        fresh.addLast(new MemoryMessage(settings.name(), sequence++, key, body, headers, published, 1, reply));
        return nextSleeper();
    }

    @GuardedBy("lock")
    private boolean isFull() {
        return fresh.size() + returned.size() + delayed.size() >= settings.capacity();
    }

    @GuardedBy("lock")
    private void refuseClosed() {
        if (closed) {
            throw new IllegalStateException("memory queue " + settings.name() + " is closed");
        }
    }

    void close() {
        List<CompletableFuture<?>> wake;
        lock.lock();
        try {
            closed = true;
            room.signalAll();
            wake = allSleepers();
        } finally {
            lock.unlock();
        }
        wake.forEach(Stock::wake);
    }

    // ---- receiving ----

    /** Takes what fits, or says what to wait for. */
    Taken take(Reception reception, int most, long now) {
        lock.lock();
        try {
            if (reception.stopped) {
                return new Taken.Stopped();
            }
            ripen(now);
            int number = Math.min(Math.min(most, MOST_AT_ONCE), fresh.size() + returned.size());
            if (number > 0) {
                return takeBatch(reception, number);
            }
            if (closed && held == 0 && delayed.isEmpty()) {
                return new Taken.Ended();
            }
            MemoryMessage next = delayed.peek();
            return new Taken.Nothing(sleep(reception), next == null ? Long.MAX_VALUE : Math.max(1, next.due - now));
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private Taken takeBatch(Reception reception, int number) {
        List<Delivery<MemoryMessage>> batch = new ArrayList<>(number);
        for (int i = 0; i < number; i++) {
            MemoryMessage message = returned.isEmpty() ? fresh.removeFirst() : returned.remove();
            reception.held.add(message, reception);
            batch.add(new Delivery<>(message, message));
        }
        held += number;
        reception.offering = true;
        for (int i = Math.min(number, publishersWaiting); i > 0; i--) {
            room.signal();
        }
        return new Taken.Batch(batch, hasMore() ? nextSleeper() : null);
    }

    @GuardedBy("lock")
    private CompletableFuture<Void> sleep(Reception reception) {
        CompletableFuture<Void> arrival = reception.arrival;
        if (arrival == null || arrival.isDone()) {
            arrival = new CompletableFuture<>();
            reception.arrival = arrival;
            sleepers.add(reception);
        }
        return arrival;
    }

    @GuardedBy("lock")
    private void ripen(long now) {
        for (MemoryMessage next = delayed.peek(); next != null && next.due - now <= 0; next = delayed.peek()) {
            returned.add(delayed.remove());
        }
    }

    @GuardedBy("lock")
    private boolean hasMore() {
        return !fresh.isEmpty() || !returned.isEmpty() || !delayed.isEmpty();
    }

    /** A reception that was woken and has no capacity after all hands the wake-up on. */
    void passOn() {
        CompletableFuture<?> wake;
        lock.lock();
        try {
            wake = hasMore() ? nextSleeper() : null;
        } finally {
            lock.unlock();
        }
        wake(wake);
    }

    /** An offer is over. What was refused goes back; a stop that waited for the offer is confirmed. */
    void offered(Reception reception, List<Delivery<MemoryMessage>> refused) {
        CompletableFuture<?> wake = null;
        boolean confirms;
        lock.lock();
        try {
            for (Delivery<MemoryMessage> delivery : refused) {
                MemoryMessage message = delivery.receipt();
                if (message.holder == reception) {
                    unhold(message, reception);
                    returned.add(message);
                }
            }
            if (!refused.isEmpty()) {
                wake = nextSleeper();
            }
            reception.offering = false;
            confirms = reception.stopped;
        } finally {
            lock.unlock();
        }
        wake(wake);
        if (confirms) {
            reception.confirmation.complete(null);
        }
    }

    // ---- settling ----

    /** Forgets what is done and takes back what is not. Returns what this reception does not hold any more. */
    <S extends Settlement<MemoryMessage>> List<S> settle(Reception reception, List<S> run, long now) {
        List<S> strangers = List.of();
        List<CompletableFuture<?>> wake = List.of();
        lock.lock();
        try {
            boolean gaveBack = false;
            for (S settlement : run) {
                MemoryMessage message = settlement.delivery().receipt();
                if (message.holder != reception) {
                    strangers = strangers.isEmpty() ? new ArrayList<>() : strangers;
                    strangers.add(settlement);
                    continue;
                }
                unhold(message, reception);
                Outcome outcome = settlement.outcome();
                if (outcome instanceof Outcome.Release release) {
                    giveBack(message, nanos(release.notBefore()), now);
                    gaveBack = true;
                } else if (outcome instanceof Outcome.Retry retry) {
                    giveBack(message.again(), nanos(retry.delay().orElse(Duration.ZERO)), now);
                    gaveBack = true;
                }
            }
            if (gaveBack || (closed && held == 0)) {
                wake = allSleepers();
            }
        } finally {
            lock.unlock();
        }
        wake.forEach(Stock::wake);
        return strangers;
    }

    @GuardedBy("lock")
    private void giveBack(MemoryMessage message, long delay, long now) {
        if (delay > 0) {
            message.due = now + delay;
            delayed.add(message);
        } else {
            returned.add(message);
        }
    }

    @GuardedBy("lock")
    private void unhold(MemoryMessage message, Reception reception) {
        reception.held.remove(message);
        held--;
    }

    // ---- stopping ----

    /** Takes no more for this reception; what it is about to offer may still be offered. */
    void stop(Reception reception) {
        List<CompletableFuture<?>> wake;
        boolean confirmed;
        lock.lock();
        try {
            reception.stopped = true;
            confirmed = !reception.offering;
            wake = allSleepers();
        } finally {
            lock.unlock();
        }
        wake.forEach(Stock::wake);
        if (confirmed) {
            reception.confirmation.complete(null);
        }
    }

    /** Whether a reception may open its lane; until {@link #offered} a stop is not confirmed. */
    boolean begin(Reception reception) {
        lock.lock();
        try {
            reception.offering = !reception.stopped;
            return reception.offering;
        } finally {
            lock.unlock();
        }
    }

    /** Takes back what a reception never settled. It counts as an attempt: a handler may have had it. */
    void abandon(Reception reception) {
        List<CompletableFuture<?>> wake;
        lock.lock();
        try {
            for (MemoryMessage message = reception.held.first(); message != null; message = reception.held.first()) {
                unhold(message, reception);
                returned.add(message.again());
            }
            wake = allSleepers();
        } finally {
            lock.unlock();
        }
        wake.forEach(Stock::wake);
    }

    /** Capped far below what a sum with the clock could overflow. */
    static long nanos(Duration time) {
        return time.compareTo(LONGEST) < 0 ? Math.max(0, time.toNanos()) : LONGEST.toNanos();
    }

    // ---- sleepers ----

    @GuardedBy("lock")
    private @Nullable CompletableFuture<?> nextSleeper() {
        Reception next = sleepers.poll();
        return next == null ? null : next.arrival;
    }

    @GuardedBy("lock")
    private List<CompletableFuture<?>> allSleepers() {
        List<CompletableFuture<?>> all = new ArrayList<>(sleepers.size());
        for (CompletableFuture<?> next = nextSleeper(); next != null; next = nextSleeper()) {
            all.add(next);
        }
        return all;
    }

    static void wake(@Nullable CompletableFuture<?> sleeper) {
        if (sleeper != null) {
            sleeper.complete(null);
        }
    }

    // ---- numbers ----

    int waiting() {
        lock.lock();
        try {
            return fresh.size() + returned.size() + delayed.size();
        } finally {
            lock.unlock();
        }
    }

    int held() {
        lock.lock();
        try {
            return held;
        } finally {
            lock.unlock();
        }
    }
}
