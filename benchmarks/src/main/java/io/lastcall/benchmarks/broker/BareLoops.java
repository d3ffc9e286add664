package io.lastcall.benchmarks.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that do the same again and again until they are told to stop. One thread adds and closes. */
final class BareLoops implements AutoCloseable {

    private final ExecutorService threads = Executors.newCachedThreadPool(BareThreads.factory());
    private final List<Future<?>> loops = new ArrayList<>();

    /** Written by who closes, read by the loops. */
    private volatile boolean stopping;

    /** What is done. */
    @FunctionalInterface
    interface Step {
        void take() throws Exception;
    }

    void add(Step step) {
        loops.add(threads.submit(() -> {
            while (!stopping) {
                step.take();
            }
            return null;
        }));
    }

    /** Takes several steps at once and returns when all are done; for the loops. */
    void atOnce(List<Step> steps) throws ExecutionException, InterruptedException {
        List<Future<?>> begun = new ArrayList<>();
        for (Step step : steps) {
            begun.add(threads.submit(() -> {
                step.take();
                return null;
            }));
        }
        for (Future<?> each : begun) {
            each.get();
        }
    }

    /** Returns when all have ended; again does nothing. */
    @Override
    public void close() throws ExecutionException, InterruptedException {
        stopping = true;
        for (Future<?> loop : loops) {
            loop.get();
        }
        threads.shutdown();
    }
}
