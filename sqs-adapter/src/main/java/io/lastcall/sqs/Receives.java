package io.lastcall.sqs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The receives that are under way: what they have asked for (S9), and when the last of them has returned (S3). Safe for any
 * thread.
 */
final class Receives {

    // A receiver that waits for capacity looks this often whether it should end.
    private static final Duration LOOK_UP = Duration.ofSeconds(1);

    private final CompletableFuture<Void> asked = new CompletableFuture<>();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private final Signal changed = new Signal();

    @GuardedBy("this")
    private int underWay;

    @GuardedBy("this")
    private int askedFor;

    @GuardedBy("this")
    private boolean stopping;

    @GuardedBy("this")
    private int brokenOff;

    /**
     * Waits until more is wanted than the others have asked for.
     *
     * @return how many to receive, to be given back by {@link #leave}; zero when receiving is to stop
     */
    int enter(Intake<SqsReceipt> intake, Lane<SqsReceipt> lane) throws InterruptedException {
        while (!isStopping()) {
            CompletionStage<Void> change = changed.next();
            long begin = intake.nanoTime();
            if (lane.awaitCapacity(LOOK_UP) <= 0) {
                // Before the time is over this says that receiving is to stop, and stop() is about to be called.
                long left = LOOK_UP.toNanos() - (intake.nanoTime() - begin);
                if (left > 0) {
                    intake.await(change, Duration.ofNanos(left));
                }
                continue;
            }
            synchronized (this) {
                // Read again: what was read outside may have been used up by another receiver since.
                int granted = Math.min(SqsSource.MOST_AT_ONCE, lane.capacity() - askedFor);
                if (granted > 0 && enter()) {
                    askedFor += granted;
                    return granted;
                }
                if (askedFor == 0) {
                    continue;
                }
            }
            intake.await(change, LOOK_UP);
        }
        return 0;
    }

    /** Begins what must not happen after the stop, such as opening a lane. False: it has stopped, do nothing. */
    synchronized boolean enter() {
        if (stopping) {
            return false;
        }
        underWay++;
        return true;
    }

    /** Everything that this receive brought was offered. */
    void leave(int granted) {
        boolean last;
        synchronized (this) {
            underWay--;
            askedFor -= granted;
            last = stopping && underWay == 0;
        }
        changed.fire();
        if (last) {
            confirm();
        }
    }

    /** Lets nothing new begin; the stage completes when all has ended that had begun, exceptionally where one was broken off. */
    CompletionStage<Void> stop() {
        boolean last;
        synchronized (this) {
            stopping = true;
            last = underWay == 0;
        }
        asked.complete(null);
        changed.fire();
        if (last) {
            confirm();
        }
        return stopped;
    }

    private void confirm() {
        int lost = howManyBrokenOff();
        if (lost == 0) {
            stopped.complete(null);
        } else {
            stopped.completeExceptionally(new IllegalStateException("receives broken off, since SQS did not answer: "
                    + lost + "; what they were to bring is invisible until its visibility timeout"));
        }
    }

    synchronized boolean isStopping() {
        return stopping;
    }

    /** Completes when receiving is to stop. */
    CompletionStage<Void> stopAsked() {
        return asked;
    }

    /** The broker did not answer a receive in time while receiving was to stop: nobody knows what it would have brought. */
    synchronized void brokenOff() {
        brokenOff++;
    }

    private synchronized int howManyBrokenOff() {
        return brokenOff;
    }

    synchronized int underWay() {
        return underWay;
    }
}
