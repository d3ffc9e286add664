package io.lastcall.internal.consumer;

import io.lastcall.DrainSettings;
import io.lastcall.Problem;
import io.lastcall.internal.account.Probe;
import io.lastcall.internal.dispatch.Dispatcher;
import io.lastcall.internal.dispatch.Drainage;
import io.lastcall.internal.dispatch.Floor;
import io.lastcall.internal.dispatch.Leases;
import io.lastcall.internal.drain.DrainSequence;
import io.lastcall.internal.lease.LeaseKeeper;
import io.lastcall.internal.time.Host;
import io.lastcall.spi.Source;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the parts of a run. The simulation overrides single parts to plant a fault and see it found; production uses this one.
 * Stateless.
 */
public class Assembly<R> {

    protected @Nullable Probe probe() {
        return null;
    }

    /** Whether and how deliveries are admitted before they start; null where all are. */
    protected @Nullable Admission<R> admission() {
        return null;
    }

    protected Floor<R> floor(Host host, Plan<R> plan) {
        return new Floor<>(host, plan.concurrency(), plan.limit(), plan.source().capabilities(), probe());
    }

    protected Drainage<R> drainage(Floor<R> floor, Dispatcher<R> dispatcher) {
        return new Drainage<>(floor, dispatcher);
    }

    protected DrainSequence<R> drain(Host host, Drainage<R> drainage, DrainSequence.Run run, DrainSettings settings) {
        return new DrainSequence<>(
                host,
                drainage,
                run,
                settings.finish().orElse(null),
                settings.graceOf(settings.total()),
                settings.interrupt());
    }

    protected LeaseKeeper<R> leases(
            Host host, Leases<R> leases, Supplier<@Nullable Source<R>> source, Consumer<Problem> problems) {
        return new LeaseKeeper<>(host, leases, source, problems);
    }

    protected HandlerDuties<R> duties(
            Plan<R> plan, Host host, Supplier<@Nullable Source<R>> source, Consumer<Problem> problems) {
        return new HandlerDuties<>(plan, host, source, problems, admission());
    }
}
