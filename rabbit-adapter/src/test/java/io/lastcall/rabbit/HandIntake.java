package io.lastcall.rabbit;

import static java.util.Objects.requireNonNull;

import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.Revocation;
import io.lastcall.spi.RevokeReason;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The core's side worked by hand: takes what is offered, and the test decides what is told. Safe for any thread; changes wake waiters. */
final class HandIntake implements Intake<DeliveryTag> {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** A delivery as the test sees it. */
    record Taken(HandLane lane, Delivery<DeliveryTag> delivery) {
        String body() {
            byte[] bytes = delivery.message().body();
            return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** What the source is told, and what it answered. */
    static final class Told implements Settlement<DeliveryTag> {
        private final Delivery<DeliveryTag> delivery;
        private final Outcome outcome;
        private final boolean letterWritten;

        Told(Delivery<DeliveryTag> delivery, Outcome outcome) {
            this(delivery, outcome, false);
        }

        Told(Delivery<DeliveryTag> delivery, Outcome outcome, boolean letterWritten) {
            this.delivery = delivery;
            this.outcome = outcome;
            this.letterWritten = letterWritten;
        }

        @Override
        public boolean isLetterWritten() {
            return letterWritten;
        }

        @Override
        public Delivery<DeliveryTag> delivery() {
            return delivery;
        }

        @Override
        public Outcome outcome() {
            return outcome;
        }
    }

    private final String consumer;

    // Guarded by itself.
    private final List<Thread> threads = new ArrayList<>();

    // All guarded by this; each change notifies.
    private final List<Taken> taken = new ArrayList<>();
    private final List<HandLane> lanes = new ArrayList<>();
    private final Map<Settlement<DeliveryTag>, String> answers = new LinkedHashMap<>();
    private int limit;
    private boolean paused;
    private boolean refusing;
    private int refusedOffers;
    private int settling;
    private @Nullable Throwable failure;

    // Written by the source.
    private volatile Runnable limitSignal = () -> {};
    private volatile Runnable capacitySignal = () -> {};

    HandIntake(int limit) {
        this(limit, "hand");
    }

    /** @param consumer the name, which is its connection's too */
    HandIntake(int limit, String consumer) {
        this.limit = limit;
        this.consumer = consumer;
    }

    // ---- the test's side ----

    /** Waits until so many were taken in all, and returns them. */
    List<Taken> await(int count) {
        await("taken " + count, () -> taken.size() >= count);
        synchronized (this) {
            return List.copyOf(taken);
        }
    }

    HandLane awaitLane(int count) {
        await("lane " + count, () -> lanes.size() >= count);
        synchronized (this) {
            return lanes.get(count - 1);
        }
    }

    /** Tells the source; settles each lane's by itself. */
    List<Told> settle(Source<DeliveryTag> source, List<Taken> which, Outcome outcome) {
        List<Told> all = new ArrayList<>();
        for (Taken one : which) {
            all.add(new Told(one.delivery(), outcome));
        }
        synchronized (this) {
            settling += all.size();
        }
        source.settle(List.copyOf(all));
        capacitySignal.run();
        return all;
    }

    /** Waits until all are answered, and returns the answers in order. */
    List<String> answers(List<Told> all) {
        await("answers", () -> answers.keySet().containsAll(all));
        synchronized (this) {
            return all.stream().map(it -> answers.getOrDefault(it, "")).toList();
        }
    }

    synchronized int answered() {
        return answers.size();
    }

    Throwable awaitFailure() {
        await("failed", () -> failure != null);
        synchronized (this) {
            return requireNonNull(failure);
        }
    }

    synchronized int refusedOffers() {
        return refusedOffers;
    }

    void awaitRefused(int count) {
        await("refused " + count, () -> refusedOffers >= count);
    }

    synchronized int taken() {
        return taken.size();
    }

    synchronized void refuseOffers() {
        refusing = true;
    }

    synchronized void pause() {
        paused = true;
    }

    void resume() {
        synchronized (this) {
            paused = false;
        }
        capacitySignal.run();
    }

    void limit(int deliveries) {
        synchronized (this) {
            limit = deliveries;
        }
        limitSignal.run();
    }

    /** Waits until the threads that the source made have ended. */
    void awaitNoThreads() throws InterruptedException {
        List<Thread> all;
        synchronized (threads) {
            all = List.copyOf(threads);
        }
        for (Thread thread : all) {
            thread.join(PATIENCE.toMillis());
            if (thread.isAlive()) {
                throw new AssertionError(thread + " is still there: " + List.of(thread.getStackTrace()));
            }
        }
    }

    private synchronized void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (!condition.getAsBoolean()) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw new AssertionError(what + " did not come: taken " + taken + ", answers " + answers.values()
                            + ", refused " + refusedOffers + ", lanes " + lanes);
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    // ---- the source's side ----

    @Override
    public String consumer() {
        return consumer;
    }

    @Override
    public synchronized Lane<DeliveryTag> open(LaneId id, LaneRules rules) {
        HandLane lane = new HandLane(id, rules);
        lanes.add(lane);
        notifyAll();
        return lane;
    }

    @Override
    public synchronized int limit() {
        return limit;
    }

    @Override
    public void onLimitChanged(Runnable signal) {
        limitSignal = signal;
    }

    @Override
    public void onCapacity(Runnable signal) {
        capacitySignal = signal;
    }

    @Override
    public void ended() {
        throw new AssertionError("a queue does not end");
    }

    @Override
    public synchronized void failed(Throwable cause) {
        failure = cause;
        notifyAll();
    }

    @Override
    public ThreadFactory threads() {
        return task -> {
            Thread thread = new Thread(task, "hand-receive");
            thread.setDaemon(true);
            synchronized (threads) {
                threads.add(thread);
            }
            return thread;
        };
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public boolean await(CompletionStage<?> stage, Duration atMost) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        stage.whenComplete((value, error) -> done.countDown());
        return done.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** One generation. */
    final class HandLane implements Lane<DeliveryTag> {
        final LaneId id;
        final LaneRules rules;
        // Guarded by the intake.
        private @Nullable RevokeReason revoked;

        HandLane(LaneId id, LaneRules rules) {
            this.id = id;
            this.rules = rules;
        }

        void awaitRevoked() {
            HandIntake.this.await(id + " revoked", () -> revoked != null);
        }

        @Override
        public int capacity() {
            synchronized (HandIntake.this) {
                return paused ? 0 : limit - (taken.size() - settling);
            }
        }

        @Override
        public int awaitCapacity(Duration atMost) {
            throw new AssertionError("nobody waits for capacity here");
        }

        @Override
        public boolean offer(List<Delivery<DeliveryTag>> batch) {
            synchronized (HandIntake.this) {
                if (refusing || revoked != null) {
                    refusedOffers += batch.size();
                    HandIntake.this.notifyAll();
                    return false;
                }
                batch.forEach(it -> taken.add(new Taken(this, it)));
                HandIntake.this.notifyAll();
                return true;
            }
        }

        @Override
        public void settled(Collection<? extends Settlement<DeliveryTag>> covered) {
            answer(covered, "SETTLED");
        }

        @Override
        public void unsettled(Collection<? extends Settlement<DeliveryTag>> failed, Failure why) {
            answer(failed, why.kind().name());
        }

        private void answer(Collection<? extends Settlement<DeliveryTag>> which, String answer) {
            synchronized (HandIntake.this) {
                for (Settlement<DeliveryTag> one : which) {
                    if (answers.put(one, answer) != null) {
                        throw new AssertionError("answered twice: " + one.delivery());
                    }
                }
                HandIntake.this.notifyAll();
            }
        }

        @Override
        public Revocation revoke(RevokeReason why) {
            synchronized (HandIntake.this) {
                revoked = why;
                HandIntake.this.notifyAll();
            }
            return new Revocation() {
                @Override
                public int unstarted() {
                    return 0;
                }

                @Override
                public int running() {
                    return 0;
                }

                @Override
                public CompletionStage<Void> finished() {
                    return CompletableFuture.completedFuture(null);
                }

                @Override
                public int fence() {
                    return 0;
                }
            };
        }

        @Override
        public String toString() {
            return id + (revoked == null ? "" : " " + revoked);
        }
    }
}
