package io.lastcall.spi;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;

/**
 * The core, as a source sees it. Safe for any thread; nothing here blocks but the two awaits.
 *
 * @param <R> the receipt of the source
 */
public interface Intake<R> {

    /**
     * The consumer's name, for logs and for client ids.
     *
     * @return the name
     */
    String consumer();

    /**
     * Opens a lane: what the broker gives and takes away as one.
     *
     * @param id name and epoch; no two open lanes of one source share both
     * @param rules how this lane differs
     * @return the lane; once receiving has stopped it refuses every offer
     */
    Lane<R> open(LaneId id, LaneRules rules);

    /**
     * The most deliveries this consumer will hold: a push broker's prefetch.
     *
     * @return the limit, at least one
     */
    int limit();

    /**
     * Asks to be told when {@link #limit()} changes.
     *
     * @param signal runs on a worker thread, each time
     */
    void onLimitChanged(Runnable signal);

    /**
     * Sets the signal that tells of capacity. Reading a {@link Lane#capacity()} of zero or less arms it; once armed it runs once,
     * past the low-water mark, or as soon as the workers find nothing to start while there is capacity (I11).
     *
     * @param signal runs on a worker thread, never inside a call of the source's own
     */
    void onCapacity(Runnable signal);

    /** No more will ever come, as from a closed queue: what is held is finished, then the consumer closes. */
    void ended();

    /**
     * The source cannot go on. The consumer drains with this cause in its report.
     *
     * @param cause why
     */
    void failed(Throwable cause);

    /**
     * Makes the source's own threads, so that they are named, counted and seen in the report when they do not end.
     *
     * @return a factory of daemon threads
     */
    ThreadFactory threads();

    /**
     * The monotonic clock that every deadline is counted on.
     *
     * @return nanoseconds, comparable only by difference
     */
    long nanoTime();

    /**
     * Waits until a stage has completed, well or not.
     *
     * @param stage what to wait for
     * @param atMost the longest wait
     * @return whether it has completed
     * @throws InterruptedException when the waiting thread is interrupted
     */
    boolean await(CompletionStage<?> stage, Duration atMost) throws InterruptedException;
}
