package io.lastcall.sqs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A core worked by hand: takes what is offered into a queue, and keeps every answer. Any thread. */
final class HandIntake implements Intake<SqsReceipt>, Lane<SqsReceipt> {

    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LONG = Duration.ofHours(1);

    /** What became of one settlement; no failure means settled. */
    record Answered(
            Settlement<SqsReceipt> settlement, @Nullable Failure failure) {}

    record Decided(Delivery<SqsReceipt> delivery, Outcome outcome, boolean isLetterWritten)
            implements Settlement<SqsReceipt> {

        Decided(Delivery<SqsReceipt> delivery, Outcome outcome) {
            this(delivery, outcome, false);
        }
    }

    final BlockingQueue<Delivery<SqsReceipt>> offered = new LinkedBlockingQueue<>();
    final BlockingQueue<Answered> answers = new LinkedBlockingQueue<>();
    final BlockingQueue<List<Delivery<SqsReceipt>>> refused = new LinkedBlockingQueue<>();
    final List<Throwable> failures = new CopyOnWriteArrayList<>();
    final List<LaneRules> opened = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final int limit;

    @GuardedBy("this")
    private int held;

    @GuardedBy("this")
    private int mostHeld;

    // Written by the test, read by receivers.
    private volatile boolean refusing;

    private final AtomicLong ahead = new AtomicLong();

    /** How long each wait was to last, from {@link #holdTime} on; not those of an hour or more, which are for events alone. */
    final BlockingQueue<Duration> waits = new LinkedBlockingQueue<>();

    // How many waits may still end by time; null while they all do.
    private volatile @Nullable Semaphore passing;

    HandIntake(int limit) {
        this.limit = limit;
    }

    // ---- what the test does

    /** Puts the clock forward, but nobody's waits. */
    void pass(Duration time) {
        ahead.addAndGet(time.toNanos());
    }

    /** From now on waits end by their event only, but for the next few, which are over at once. */
    void holdTime(int few) {
        passing = new Semaphore(few);
    }

    List<Duration> waits(int count) throws InterruptedException {
        List<Duration> all = new ArrayList<>();
        while (all.size() < count) {
            Duration wait = waits.poll(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
            if (wait == null) {
                throw new AssertionError("nobody waited any more within " + PATIENCE + ", after " + all);
            }
            all.add(wait);
        }
        return all;
    }

    void refuseOffers() {
        refusing = true;
    }

    Delivery<SqsReceipt> next() throws InterruptedException {
        Delivery<SqsReceipt> delivery = offered.poll(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        if (delivery == null) {
            throw new AssertionError("nothing was offered within " + PATIENCE + ", failures: " + failures);
        }
        return delivery;
    }

    List<Delivery<SqsReceipt>> next(int count) throws InterruptedException {
        List<Delivery<SqsReceipt>> all = new ArrayList<>();
        while (all.size() < count) {
            all.add(next());
        }
        return all;
    }

    Answered answer() throws InterruptedException {
        Answered answer = answers.poll(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        if (answer == null) {
            throw new AssertionError("no settlement was answered within " + PATIENCE + ", failures: " + failures);
        }
        return answer;
    }

    List<Answered> answers(int count) throws InterruptedException {
        List<Answered> all = new ArrayList<>();
        while (all.size() < count) {
            all.add(answer());
        }
        return all;
    }

    /** Gives room for another. */
    synchronized void finished() {
        held--;
        notifyAll();
    }

    synchronized int mostHeld() {
        return mostHeld;
    }

    List<Thread> threadsAlive() {
        return threads.stream().filter(Thread::isAlive).toList();
    }

    // ---- what the source calls

    @Override
    public synchronized int capacity() {
        return limit - held;
    }

    @Override
    public synchronized int awaitCapacity(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        for (long left = atMost.toNanos(); capacity() <= 0 && left > 0; left = end - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return capacity();
    }

    @Override
    public boolean offer(List<Delivery<SqsReceipt>> batch) {
        if (refusing) {
            refused.add(batch);
            return false;
        }
        synchronized (this) {
            held += batch.size();
            mostHeld = Math.max(mostHeld, held);
        }
        offered.addAll(batch);
        return true;
    }

    @Override
    public void settled(Collection<? extends Settlement<SqsReceipt>> covered) {
        covered.forEach(it -> answers.add(new Answered(it, null)));
    }

    @Override
    public void unsettled(Collection<? extends Settlement<SqsReceipt>> failed, Failure why) {
        failed.forEach(it -> answers.add(new Answered(it, why)));
    }

    @Override
    public Revocation revoke(RevokeReason why) {
        throw new AssertionError("an SQS queue is never taken away");
    }

    @Override
    public String consumer() {
        return "by-hand";
    }

    @Override
    public Lane<SqsReceipt> open(LaneId id, LaneRules rules) {
        opened.add(rules);
        return this;
    }

    @Override
    public int limit() {
        return limit;
    }

    @Override
    public void onLimitChanged(Runnable signal) {}

    @Override
    public void onCapacity(Runnable signal) {}

    @Override
    public void ended() {
        throw new AssertionError("an SQS queue does not end");
    }

    @Override
    public void failed(Throwable cause) {
        failures.add(cause);
    }

    @Override
    public ThreadFactory threads() {
        return task -> {
            Thread thread = new Thread(task, "by-hand-" + threads.size());
            thread.setDaemon(true);
            threads.add(thread);
            return thread;
        };
    }

    @Override
    public long nanoTime() {
        return System.nanoTime() + ahead.get();
    }

    @Override
    public boolean await(CompletionStage<?> stage, Duration atMost) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        CompletionStage<Void> unused = stage.handle((value, error) -> {
            done.countDown();
            return null;
        });
        Semaphore held = passing;
        boolean isOver = done.getCount() == 0;
        if (held == null || isOver || atMost.compareTo(LONG) >= 0) {
            return done.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
        }
        boolean passes = held.tryAcquire();
        waits.add(atMost);
        if (passes) {
            return false;
        }
        if (!done.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new AssertionError("a wait of " + atMost + " had to be ended by time");
        }
        return true;
    }
}
