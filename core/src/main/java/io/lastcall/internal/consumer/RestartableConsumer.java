package io.lastcall.internal.consumer;

import io.lastcall.ConsumerSnapshot;
import io.lastcall.ConsumerState;
import io.lastcall.Counts;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.internal.time.Host;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/**
 * The public face of one consumer over all its runs. A start after the close makes a new engine, which takes over pauses, sizes,
 * counts and what the old one left running. Safe for any thread.
 */
public final class RestartableConsumer<R> implements MessageConsumer {

    private final Plan<R> plan;
    private final Host.Opener hosts;
    private final Assembly<R> assembly;
    /** Replaced under this object's monitor by a restart. */
    private volatile Engine<R> engine;
    /** Guarded by this object's monitor. */
    private boolean used;

    public RestartableConsumer(Plan<R> plan, Host.Opener hosts, Assembly<R> assembly) {
        this.plan = plan;
        this.hosts = hosts;
        this.assembly = assembly;
        this.engine = new Engine<>(plan, hosts, assembly, nothing(plan));
    }

    static ConsumerSnapshot nothing(Plan<?> plan) {
        return new ConsumerSnapshot(
                plan.name(),
                ConsumerState.NEW,
                Counts.NONE,
                0,
                0,
                0,
                0,
                plan.concurrency(),
                plan.limit(),
                0,
                0,
                0,
                0,
                Set.of(),
                Map.of());
    }

    @Override
    public String name() {
        return plan.name();
    }

    @Override
    public MessageConsumer start() {
        CompletableFuture<Void> standing = beginStart().toCompletableFuture();
        try {
            standing.get();
            return this;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException(cause.getMessage(), cause.getCause() == null ? cause : cause.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while consumer " + plan.name() + " was starting", e);
        }
    }

    @Override
    public synchronized CompletionStage<Void> beginStart() {
        if (engine.isOver()) {
            restart();
        } else if (used) {
            return CompletableFuture.failedFuture(new IllegalStateException(
                    "consumer " + plan.name() + " is started already and is " + engine.state()));
        }
        used = true;
        return engine.start();
    }

    private void restart() {
        Engine<R> old = engine;
        ConsumerSnapshot last = old.snapshot();
        Engine<R> next = new Engine<>(plan, hosts, assembly, last);
        next.offers.pause(last.paused());
        next.offers.concurrency(last.concurrency());
        next.offers.limit(last.limit());
        old.floor.bequeath(next.floor);
        engine = next;
    }

    @Override
    public DrainReport drain() {
        return drain(DrainRequest.because("drain was called"));
    }

    /** Whether the current thread runs a handler of this consumer, so that waiting for the consumer's end would wait for ever. */
    public boolean isHandlerThread() {
        return engine.isHandlerThread();
    }

    private DrainReport drain(DrainRequest request) {
        Engine<R> current = engine;
        if (current.isHandlerThread()) {
            throw new IllegalStateException("drain() was called from a handler of consumer " + plan.name()
                    + ", which it would wait for; call beginDrain(request) there and return");
        }
        var unused = current.beginDrain(request);
        return await(current);
    }

    /** In spite of interrupts: what the caller closes next may be what handlers still work with, and the drain has a deadline. */
    private static <R> DrainReport await(Engine<R> current) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return current.await();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public CompletionStage<DrainReport> beginDrain(DrainRequest request) {
        return engine.beginDrain(request);
    }

    @Override
    public CompletionStage<DrainReport> ended() {
        return engine.ended();
    }

    @Override
    public Optional<DrainMode> drainMode() {
        return engine.drainMode();
    }

    @Override
    public ConsumerState state() {
        return engine.state();
    }

    @Override
    public ConsumerSnapshot snapshot() {
        return engine.snapshot();
    }

    @Override
    public synchronized void pause(String reason) {
        engine.offers.pause(named(reason), true);
    }

    @Override
    public synchronized void resume(String reason) {
        engine.offers.pause(named(reason), false);
    }

    @Override
    public synchronized void changeConcurrency(int concurrency) {
        engine.offers.concurrency(Plan.concurrency(concurrency));
    }

    @Override
    public synchronized void changeLimit(int limit) {
        engine.offers.limit(Plan.limit(limit));
        engine.intake.limitChanged();
    }

    private static String named(String reason) {
        return Objects.requireNonNull(reason, "reason");
    }

    @Override
    public void close() {
        DrainReport unused = drain(DrainRequest.because("close was called"));
    }

    @Override
    public String toString() {
        return "MessageConsumer[" + plan.name() + " " + engine.state() + "]";
    }
}
