package io.lastcall.internal.time;

import io.lastcall.Workers;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The host of real runs: the JVM's clock and threads. Safe for any thread. */
public final class SystemHost implements Host {

    private static final Logger log = LoggerFactory.getLogger(SystemHost.class);
    private static final long IDLE_SECONDS = 30;

    private final String consumer;
    private final ScheduledThreadPoolExecutor timer;
    private final ThreadPoolExecutor control;
    private final ThreadPoolExecutor listeners;
    private final Executor workers;
    private final Runnable closeWorkers;

    private SystemHost(String consumer, Workers kind) {
        this.consumer = consumer;
        this.timer = new ScheduledThreadPoolExecutor(1, daemons("timer"));
        timer.setRemoveOnCancelPolicy(true);
        // Not a daemon: it keeps the JVM alive until the consumer is closed.
        this.control = single(numbered(consumer + "-control", false));
        this.listeners = single(daemons("listeners"));
        listeners.allowCoreThreadTimeOut(true);
        String prefix = consumer + "-worker-";
        ThreadFactory virtual =
                kind == Workers.PLATFORM ? null : VirtualThreads.named(prefix).orElse(null);
        if (virtual != null) {
            this.workers = task -> virtual.newThread(task).start();
            this.closeWorkers = () -> {};
        } else if (kind == Workers.VIRTUAL) {
            throw new IllegalArgumentException("workers = VIRTUAL of consumer " + consumer
                    + ": this JVM has no virtual threads, use BEST or PLATFORM, or Java 21 or newer");
        } else {
            ThreadPoolExecutor pool = new ThreadPoolExecutor(
                    0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), daemons("worker"));
            this.workers = pool;
            this.closeWorkers = pool::shutdown;
        }
    }

    /** Opens the host of one run. */
    public static Host open(String consumer, Workers kind) {
        return new SystemHost(consumer, kind);
    }

    private static ThreadPoolExecutor single(ThreadFactory threads) {
        return new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
    }

    private ThreadFactory daemons(String role) {
        return numbered(consumer + "-" + role, true);
    }

    private static ThreadFactory numbered(String prefix, boolean daemon) {
        AtomicInteger next = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, prefix + "-" + next.getAndIncrement());
            thread.setDaemon(daemon);
            return thread;
        };
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    @Override
    public double random() {
        return ThreadLocalRandom.current().nextDouble();
    }

    @Override
    public Timer schedule(long at, Runnable task) {
        try {
            ScheduledFuture<?> due =
                    timer.schedule(guarded("timer", task), Math.max(0, at - nanoTime()), TimeUnit.NANOSECONDS);
            return () -> due.cancel(false);
        } catch (RejectedExecutionException closed) {
            return () -> {};
        }
    }

    @Override
    public void control(Runnable task) {
        give(control, guarded("control", task));
    }

    @Override
    public void tell(Runnable task) {
        give(listeners, guarded("listener", task));
    }

    @Override
    public void work(Runnable task) {
        try {
            workers.execute(task);
        } catch (RejectedExecutionException closed) {
            // A handler that was left behind still ends after the close, and must find a thread for what follows.
            detach("late", task);
        }
    }

    @Override
    public void detach(String what, Runnable task) {
        Thread thread = new Thread(guarded(what, task), consumer + "-" + what);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public boolean isExiting() {
        Thread probe = new Thread(() -> {}, consumer + "-exit-probe");
        try {
            Runtime.getRuntime().addShutdownHook(probe);
            Runtime.getRuntime().removeShutdownHook(probe);
            return false;
        } catch (IllegalStateException shuttingDown) {
            return true;
        }
    }

    @Override
    public ThreadFactory threads(String role) {
        return daemons(role);
    }

    @Override
    public boolean await(CompletionStage<?> stage, long nanos) throws InterruptedException {
        CountDownLatch completed = new CountDownLatch(1);
        stage.whenComplete((value, error) -> completed.countDown());
        return completed.await(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        timer.shutdownNow();
        control.shutdown();
        listeners.shutdown();
        closeWorkers.run();
    }

    private static void give(ThreadPoolExecutor executor, Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException closed) {
            log.debug("a task after the close is dropped: {}", closed.getMessage());
        }
    }

    /** An error in our own task is logged, and the thread goes on. */
    private Runnable guarded(String where, Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (Throwable e) {
                log.error("consumer={} {} task failed", consumer, where, e);
            }
        };
    }
}
