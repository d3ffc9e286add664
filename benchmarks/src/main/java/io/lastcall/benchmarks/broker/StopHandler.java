package io.lastcall.benchmarks.broker;

import io.lastcall.HandlingContext;
import io.lastcall.MessageHandler;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToIntFunction;

/**
 * Blocks for a while, and knows how long the longest took of those that a stop had to wait for. Safe for any thread.
 */
final class StopHandler implements MessageHandler<byte[]> {

    private final Witness witness;
    private final ToIntFunction<byte[]> numberOf;
    private final Duration work;
    private final CountDownLatch wanted;
    private final LongAccumulator longest = new LongAccumulator(Math::max, 0);
    private final LongAdder interrupted = new LongAdder();

    /** Written by who stops, read by handlers. */
    private volatile boolean stopping;

    /**
     * Nobody stops yet.
     *
     * @param witness sees each handling that came to its end
     * @param numberOf reads the number of a message from its body
     * @param work how long each takes
     * @param wanted how many handlings must have begun before the stop
     */
    StopHandler(Witness witness, ToIntFunction<byte[]> numberOf, Duration work, int wanted) {
        this.witness = witness;
        this.numberOf = numberOf;
        this.work = work;
        this.wanted = new CountDownLatch(wanted);
    }

    @Override
    public Outcome handle(Message<byte[]> message, HandlingContext context) {
        byte[] body = Objects.requireNonNull(message.body(), "body");
        return handle(numberOf.applyAsInt(body)) ? Outcome.accept() : Outcome.release();
    }

    /** Returns false when it was interrupted. */
    boolean handle(int number) {
        long begun = System.nanoTime();
        wanted.countDown();
        try {
            Pause.take(work);
        } catch (InterruptedException e) {
            interrupted.increment();
            return false;
        }
        witness.saw(number, 0);
        if (stopping) {
            longest.accumulate(System.nanoTime() - begun);
        }
        return true;
    }

    void awaitBusy() throws InterruptedException {
        wanted.await();
    }

    /** Now somebody stops. */
    void stopping() {
        stopping = true;
    }

    /** Of the handlings that ended since. */
    double longestMillis() {
        return longest.get() / 1e6;
    }

    long interrupted() {
        return interrupted.sum();
    }
}
