package io.lastcall.internal.runtime;

import io.lastcall.ConsumerRuntime;
import io.lastcall.ConsumerState;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.RuntimeReport;
import io.lastcall.internal.consumer.RestartableConsumer;
import io.lastcall.internal.time.Host;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The group as its users see it: waits, signals, the shutdown hook, the exit. Safe for any thread. */
final class GroupRuntime implements ConsumerRuntime {

    private static final Logger log = LoggerFactory.getLogger(GroupRuntime.class);
    private static final Duration HOOK_LAG = Duration.ofMillis(250);

    private final Host host;
    private final RuntimePlan plan;
    private final Group group;
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean toExit = new AtomicBoolean();
    private final AtomicBoolean trapped = new AtomicBoolean();
    private final AtomicBoolean hooked = new AtomicBoolean();
    private final AtomicInteger signals = new AtomicInteger();

    GroupRuntime(Host host, RuntimePlan plan) {
        this.host = host;
        this.plan = plan;
        this.group = new Group(host, plan);
    }

    @Override
    public CompletionStage<Void> beginStart() {
        claimStart();
        group.start();
        return ready();
    }

    private void claimStart() {
        for (MessageConsumer consumer : plan.consumers()) {
            ConsumerState state = consumer.state();
            if (state != ConsumerState.NEW && state != ConsumerState.CLOSED && !started.get()) {
                throw new IllegalStateException("consumer " + consumer.name() + " is " + state + " already; runtime "
                        + plan.name() + " starts its consumers itself");
            }
        }
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("runtime " + plan.name() + " was started before; build another one");
        }
    }

    @Override
    public ConsumerRuntime start() {
        CompletionStage<Void> ready = beginStart();
        try {
            host.await(ready, Long.MAX_VALUE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(
                    "interrupted while runtime " + plan.name() + " was starting, which goes on: call drain()", e);
        }
        try {
            ready.toCompletableFuture().join();
        } catch (CompletionException e) {
            Throwable why = Objects.requireNonNullElse(e.getCause(), e);
            throw new IllegalStateException(why.getMessage(), why.getCause());
        }
        return this;
    }

    @Override
    public CompletionStage<Void> ready() {
        return group.ready();
    }

    @Override
    public CompletionStage<RuntimeReport> done() {
        return group.done();
    }

    @Override
    public CompletionStage<RuntimeReport> beginDrain(DrainRequest request) {
        group.drain(request);
        return done();
    }

    @Override
    public RuntimeReport drain() {
        for (MessageConsumer consumer : plan.consumers()) {
            if (consumer instanceof RestartableConsumer<?> ours && ours.isHandlerThread()) {
                throw new IllegalStateException("drain() of runtime " + plan.name()
                        + " was called from a handler of consumer " + consumer.name()
                        + ", which it would wait for; call beginDrain(request) there and return");
            }
        }
        beginDrain(DrainRequest.because("drain"));
        return awaitDone(() -> {});
    }

    @Override
    public void close() {
        drain();
    }

    @Override
    public ConsumerRuntime onSignals() {
        if (trapped.compareAndSet(false, true)) {
            SignalTrap trap = SignalTrap.set(plan.name(), this::signalled);
            done().thenRun(() -> {
                if (!toExit.get()) {
                    trap.giveBack();
                }
            });
        }
        return this;
    }

    /** Runs on a thread of the JVM's, one for each signal: which came first must hold for what they ask, too. */
    synchronized void signalled(String signal) {
        if (signals.getAndIncrement() == 0) {
            beginDrain(DrainRequest.because(signal));
        } else {
            group.harden(signal);
        }
    }

    @Override
    public ConsumerRuntime drainOnShutdown() {
        if (hooked.compareAndSet(false, true)) {
            Thread hook = host.threads("shutdown").newThread(this::drainInHook);
            Runtime.getRuntime().addShutdownHook(hook);
            done().thenRun(() -> takeBack(hook));
        }
        return this;
    }

    private void drainInHook() {
        CompletionStage<RuntimeReport> done = beginDrain(DrainRequest.because("shutdown"));
        Duration most = plan.drain().total().plus(HOOK_LAG);
        try {
            if (!host.await(done, Budget.nanos(most))) {
                log.warn(
                        "runtime={} is not done after ms={}, the process ends without it",
                        plan.name(),
                        most.toMillis());
            }
        } catch (InterruptedException e) {
            log.warn("runtime={} shutdown hook was interrupted, the process ends without it", plan.name());
        }
    }

    private static void takeBack(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            log.debug("the hook has run or runs", shuttingDown);
        }
    }

    @Override
    public void runToExit() {
        claimStart();
        // Before the start, which they may end, and until the process is gone: a late one must not change its status.
        toExit.set(true);
        onSignals();
        drainOnShutdown();
        group.start();
        RuntimeReport report = awaitDone(() -> beginDrain(DrainRequest.because("interrupted")));
        if (report.clean()) {
            log.info("{}", report.describe());
        } else {
            log.warn("{}", report.describe());
        }
        System.exit(report.exitStatus());
    }

    /** A drain is waited for in spite of interrupts; it has a deadline of its own. */
    private RuntimeReport awaitDone(Runnable onInterrupt) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return group.await();
                } catch (InterruptedException e) {
                    interrupted = true;
                    onInterrupt.run();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
