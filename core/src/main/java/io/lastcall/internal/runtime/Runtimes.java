package io.lastcall.internal.runtime;

import io.lastcall.ConsumerRuntime;
import io.lastcall.Workers;
import io.lastcall.internal.time.Host;

/** Makes runtimes. */
public final class Runtimes {

    private Runtimes() {}

    public static ConsumerRuntime create(RuntimePlan plan) {
        return new GroupRuntime(Host.Opener.current().open(plan.name(), Workers.PLATFORM), plan);
    }
}
