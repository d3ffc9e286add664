package io.lastcall.testkit.simulation;

import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;

/** A host whose calls of the source may block: each runs on a fiber of its own. Not thread-safe. */
final class FiberHost extends SimulatedHost {

    FiberHost(Scheduler scheduler) {
        super(scheduler);
    }

    @Override
    public void detach(String what, Runnable task) {
        scheduler.launch(Place.DETACHED, task);
        scheduler.interleave();
    }

    @Override
    public ThreadFactory threads(String role) {
        return task -> new Thread(role) {
            @Override
            public synchronized void start() {
                scheduler.launch(Place.SOURCE, task);
            }
        };
    }

    @Override
    public boolean await(CompletionStage<?> stage, long nanos) {
        return scheduler.await(stage, nanos);
    }
}
