package io.lastcall.benchmarks.broker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.jspecify.annotations.Nullable;

/**
 * Publishes all records of a topic at a steady rate, on a thread of its own; before that, probes, so that members of a group can be seen to
 * be at work. For one thread.
 */
final class SteadyPublisher implements AutoCloseable {

    private static final int TICK_MILLIS = 5;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final KafkaStock stock;
    private final int perTick;
    private final KafkaProducer<byte[], byte[]> producer;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "publisher");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final CountDownLatch[] sent;

    /** Written by who directs, read by the clock's thread. */
    private volatile boolean begun;

    /** The clock's thread only. */
    private int next;

    SteadyPublisher(KafkaStock stock, int perSecond) {
        this.stock = stock;
        this.perTick = perSecond * TICK_MILLIS / 1_000;
        this.producer = stock.producer(0);
        this.sent = new CountDownLatch[(stock.records() + perTick - 1) / perTick];
        for (int i = 0; i < sent.length; i++) {
            sent[i] = new CountDownLatch(1);
        }
    }

    /** Begins with probes. */
    void start() {
        var unused = clock.scheduleAtFixedRate(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** From now on the records. */
    void begin() {
        begun = true;
    }

    private void tick() {
        if (!begun) {
            stock.probe(producer, failure);
            return;
        }
        if (next == stock.records()) {
            return;
        }
        int tick = next / perTick;
        for (int end = Math.min(stock.records(), next + perTick); next < end; next++) {
            stock.send(producer, next, System.nanoTime(), failure);
        }
        sent[tick].countDown();
    }

    /** Returns when so many were sent. */
    void awaitSent(int records) throws InterruptedException {
        if (!sent[Math.max(0, (records - 1) / perTick)].await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException("record " + records + " was not sent within " + PATIENCE);
        }
    }

    /** Returns when the broker has all that was sent. */
    void awaitTaken() {
        producer.flush();
        Exception cause = failure.get();
        if (cause != null) {
            throw new IllegalStateException("a record could not be sent", cause);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
        producer.close(Duration.ZERO);
    }
}
