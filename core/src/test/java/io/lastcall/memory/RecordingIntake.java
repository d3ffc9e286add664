package io.lastcall.memory;

import io.lastcall.message.Message;
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
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One consumer worked by hand: capacity, clock and answers are the test's. All is guarded by this. */
final class RecordingIntake implements Intake<MemoryMessage>, Lane<MemoryMessage> {

    static final Duration PATIENCE = Duration.ofSeconds(20);

    final Source<MemoryMessage> source;
    final List<Integer> batches = new ArrayList<>();
    private final List<Delivery<MemoryMessage>> offered = new ArrayList<>();
    private final List<Settlement<MemoryMessage>> answered = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private int capacity;
    private boolean draining;
    private boolean refuses;
    private boolean offerHeld;
    private boolean offerWaits;
    private boolean ended;
    private int asleep;
    private long clock;
    private @Nullable Throwable failure;

    @SuppressWarnings("unchecked")
    RecordingIntake(MemoryQueue queue, int capacity) {
        this.source = (Source<MemoryMessage>) queue.source().open();
        this.capacity = capacity;
    }

    RecordingIntake start() throws Exception {
        source.start(this);
        return this;
    }

    // ---- the test's side

    synchronized void awaitThat(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("not in time: " + what + "; offered " + bodies());
            }
            wait(left / 1_000_000 + 1);
        }
    }

    synchronized List<String> bodies() {
        return offered.stream().map(it -> body(it.message())).toList();
    }

    static String body(Message<byte[]> message) {
        byte[] bytes = message.body();
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }

    List<String> awaitOffered(int number) throws InterruptedException {
        awaitThat(number + " offered", () -> offered.size() >= number);
        return bodies();
    }

    synchronized Delivery<MemoryMessage> delivery(int index) {
        return offered.get(index);
    }

    /** Settles as one run. */
    void settle(Outcome outcome, int... indices) {
        List<Settlement<MemoryMessage>> run = new ArrayList<>();
        for (int index : indices) {
            run.add(new Told(delivery(index), outcome));
        }
        source.settle(run);
    }

    synchronized void capacity(int more) {
        capacity = more;
        notifyAll();
    }

    synchronized void drain() {
        draining = true;
        notifyAll();
    }

    synchronized void refuse() {
        refuses = true;
    }

    synchronized void holdOffers(boolean held) {
        offerHeld = held;
        notifyAll();
    }

    void awaitOfferHeld() throws InterruptedException {
        awaitThat("an offer waits", () -> offerWaits);
    }

    void awaitAsleep() throws InterruptedException {
        awaitThat("the receiving thread waits for messages", () -> asleep > 0);
    }

    void awaitEnded() throws InterruptedException {
        awaitThat("ended", () -> ended);
    }

    synchronized boolean hasEnded() {
        return ended;
    }

    synchronized int answers() {
        return answered.size();
    }

    synchronized List<Failure> failures() {
        return List.copyOf(failures);
    }

    synchronized @Nullable Throwable failure() {
        return failure;
    }

    synchronized void advance(Duration time) {
        clock += time.toNanos();
        notifyAll();
    }

    synchronized List<Thread> made() {
        return List.copyOf(threads);
    }

    /** A settlement made by the test. */
    record Told(Delivery<MemoryMessage> delivery, Outcome outcome) implements Settlement<MemoryMessage> {}

    // ---- the source's side

    @Override
    public String consumer() {
        return "recording";
    }

    @Override
    public Lane<MemoryMessage> open(LaneId id, LaneRules rules) {
        return this;
    }

    @Override
    public int limit() {
        return Integer.MAX_VALUE;
    }

    @Override
    public void onLimitChanged(Runnable signal) {}

    @Override
    public void onCapacity(Runnable signal) {}

    @Override
    public synchronized void ended() {
        ended = true;
        notifyAll();
    }

    @Override
    public synchronized void failed(Throwable cause) {
        failure = cause;
        notifyAll();
    }

    @Override
    public ThreadFactory threads() {
        return task -> {
            Thread thread = new Thread(task, "recording-receive");
            thread.setDaemon(true);
            synchronized (this) {
                threads.add(thread);
            }
            return thread;
        };
    }

    @Override
    public synchronized long nanoTime() {
        return clock;
    }

    @Override
    public boolean await(CompletionStage<?> stage, Duration atMost) throws InterruptedException {
        var future = stage.toCompletableFuture();
        stage.whenComplete((value, error) -> wakeAll());
        synchronized (this) {
            long due = atMost.toNanos() == Long.MAX_VALUE ? Long.MAX_VALUE : clock + atMost.toNanos();
            asleep++;
            notifyAll();
            try {
                while (!future.isDone() && clock < due) {
                    wait();
                }
            } finally {
                asleep--;
            }
            return future.isDone();
        }
    }

    private synchronized void wakeAll() {
        notifyAll();
    }

    @Override
    public synchronized int capacity() {
        return draining ? 0 : capacity;
    }

    @Override
    public synchronized int awaitCapacity(Duration atMost) throws InterruptedException {
        while (capacity <= 0 && !draining) {
            wait();
        }
        return draining ? 0 : capacity;
    }

    @Override
    public synchronized boolean offer(List<Delivery<MemoryMessage>> batch) {
        offerWaits = offerHeld;
        notifyAll();
        try {
            while (offerHeld) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this thread", e);
        }
        offerWaits = false;
        if (refuses) {
            return false;
        }
        batches.add(batch.size());
        offered.addAll(batch);
        capacity -= batch.size();
        notifyAll();
        return true;
    }

    @Override
    public synchronized void settled(Collection<? extends Settlement<MemoryMessage>> covered) {
        answered.addAll(covered);
        notifyAll();
    }

    @Override
    public synchronized void unsettled(Collection<? extends Settlement<MemoryMessage>> failed, Failure why) {
        failed.forEach(one -> failures.add(why));
        notifyAll();
    }

    @Override
    public Revocation revoke(RevokeReason why) {
        throw new AssertionError("a memory queue takes nothing away");
    }
}
