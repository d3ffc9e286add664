package io.lastcall.benchmarks;

import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Origin;
import io.lastcall.spi.Capability;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Offers messages that were made beforehand, in batches, as fast as there is capacity, and answers each settlement at once: what is
 * measured over it is the engine. One receive thread.
 */
final class PresetSource implements Source<Integer>, SourceFactory<Integer> {

    private static final int BATCH = 500;
    private static final Duration LONG = Duration.ofSeconds(10);

    private final Keyed[] messages;
    private final int count;
    private final AtomicInteger left;
    private final CountDownLatch offered = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    /** Written by the drain, read by the receive thread. */
    private volatile boolean stopping;

    private final CompletableFuture<Lane<Integer>> lane = new CompletableFuture<>();

    PresetSource(int count, int keys) {
        this.count = count;
        this.left = new AtomicInteger(count);
        this.messages = new Keyed[keys];
        for (int i = 0; i < keys; i++) {
            messages[i] = new Keyed(
                    ByteBuffer.allocate(8).putLong(i * 0x9E3779B97F4A7C15L).array());
        }
    }

    void awaitOffered() throws InterruptedException {
        offered.await();
    }

    void awaitAll() throws InterruptedException {
        done.await();
    }

    @Override
    public String name() {
        return "preset";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of();
    }

    @Override
    public Source<Integer> open() {
        return this;
    }

    @Override
    public void start(Intake<Integer> intake) {
        Lane<Integer> opened = intake.open(new LaneId("preset", 0), LaneRules.PLAIN);
        lane.complete(opened);
        intake.threads().newThread(() -> receive(opened)).start();
    }

    private void receive(Lane<Integer> opened) {
        try {
            int next = 0;
            while (next < count && !stopping) {
                int room = Math.min(opened.awaitCapacity(LONG), Math.min(BATCH, count - next));
                if (room <= 0) {
                    continue;
                }
                List<Delivery<Integer>> batch = new ArrayList<>(room);
                for (int i = 0; i < room; i++) {
                    batch.add(new Delivery<>(messages[(next + i) % messages.length], 0));
                }
                if (!opened.offer(batch)) {
                    break;
                }
                next += room;
            }
            stopped.complete(null);
            offered.countDown();
            // What a thread has allocated can be read only while it lives.
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            stopped.complete(null);
        }
    }

    @Override
    public CompletionStage<Void> stopReceiving() {
        stopping = true;
        return stopped;
    }

    @Override
    public void settle(List<? extends Settlement<Integer>> run) {
        lane.join().settled(run);
        if (left.addAndGet(-run.size()) == 0) {
            done.countDown();
        }
    }

    @Override
    public void close(Duration atMost) {
        closed.countDown();
    }

    /** A message that is only a key. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Keyed(byte[] key) implements Message<byte[]> {

        @Override
        public String id() {
            return "preset";
        }

        @Override
        public Origin origin() {
            return new Origin("preset", "preset", "preset", "0");
        }

        @Override
        public byte[] body() {
            return key;
        }

        @Override
        public Headers headers() {
            return Headers.empty();
        }

        @Override
        public Instant timestamp() {
            return Instant.EPOCH;
        }

        @Override
        public int attempt() {
            return 1;
        }
    }
}
