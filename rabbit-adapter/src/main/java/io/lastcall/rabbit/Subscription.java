package io.lastcall.rabbit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One subscription to one queue, as the core sees it: passes on what is asked to its owner thread. Safe for any thread.
 *
 * <ul>
 *   <li><b>S2, S3</b> the {@link StopGate} is left by the dispatcher, after the last delivery; with a single active consumer, which
 *       stays subscribed, after the last offer.
 *   <li><b>S4</b> settle posts and returns.
 *   <li><b>S5</b> an acknowledgement is answered by a later synchronous reply on its channel; at a loss of the channel what was not
 *       written is refused, what was written is unknown. The reply says that the channel has taken it: a server that is killed in the
 *       next moment may still hand the message out again, since classic queues write acknowledgements to disk later.
 *   <li><b>S7</b> the broker requeues what was not settled when the channel ends.
 *   <li><b>S8</b> the prefetch bounds what is held and what waits to be offered or written.
 * </ul>
 */
final class Subscription implements Source<DeliveryTag> {

    private static final Duration LONG = Duration.ofHours(1);
    private static final long CUT_RESERVE = Duration.ofMillis(250).toNanos();

    private final RabbitSource source;
    private final StopGate gate = new StopGate();
    private final Wire wire = new Wire();

    @GuardedBy("this")
    private @Nullable Owner owner;

    @GuardedBy("this")
    private @Nullable Intake<DeliveryTag> intake;

    @GuardedBy("this")
    private boolean closed;

    Subscription(RabbitSource source) {
        this.source = source;
    }

    @Override
    public void start(Intake<DeliveryTag> given) throws Exception {
        ThreadFactory threads = given.threads();
        Owner made;
        synchronized (this) {
            if (closed) {
                return;
            }
            made = new Owner(source, given, gate, wire, threads);
            owner = made;
            intake = given;
        }
        given.onLimitChanged(() -> made.post(made::limitChanged));
        given.onCapacity(() -> made.post(made::resume));
        threads.newThread(made).start();
        CompletableFuture<Void> started = made.started().toCompletableFuture();
        while (!given.await(started, LONG)) {
            // A connect takes as long as it takes; stopReceiving and close end it.
        }
        failIfFailed(started);
    }

    @Override
    public CompletionStage<Void> stopReceiving() {
        CompletionStage<Void> confirmed = gate.ask();
        Owner started = owner();
        if (started != null) {
            started.post(started::stop);
        }
        return confirmed;
    }

    @Override
    public void settle(List<? extends Settlement<DeliveryTag>> run) {
        Generation generation = run.get(0).delivery().receipt().generation;
        Owner started = owner();
        if (started == null || !started.post(() -> generation.settle(run))) {
            generation.refuse(run, null);
        }
    }

    @Override
    public void close(Duration atMost) throws Exception {
        CompletionStage<Void> asked = gate.ask();
        Owner started;
        Intake<DeliveryTag> clock;
        synchronized (this) {
            closed = true;
            started = owner;
            clock = intake;
        }
        if (started == null || clock == null) {
            return;
        }
        long now = clock.nanoTime();
        long all = nanos(atMost);
        long reserve = Math.min(CUT_RESERVE, all / 4);
        CompletableFuture<Void> ended = started.ended().toCompletableFuture();
        started.close(now + all - reserve);
        if (!clock.await(ended, Duration.ofNanos(all - reserve))) {
            wire.cut();
            if (!clock.await(ended, Duration.ofNanos(Math.max(0, now + all - clock.nanoTime())))) {
                throw new TimeoutException(source.name() + " did not close within " + atMost + ", stop confirmed: "
                        + asked.toCompletableFuture().isDone());
            }
        }
        failIfFailed(ended);
    }

    private synchronized @Nullable Owner owner() {
        return owner;
    }

    private static long nanos(Duration duration) {
        try {
            return Math.max(0, duration.toNanos());
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE / 4;
        }
    }

    private static void failIfFailed(CompletableFuture<Void> done) throws Exception {
        try {
            done.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw new IOException(e.getCause());
        }
    }
}
