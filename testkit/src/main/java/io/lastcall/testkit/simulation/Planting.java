package io.lastcall.testkit.simulation;

import io.lastcall.Ordering;
import io.lastcall.internal.account.Probe;
import io.lastcall.internal.consumer.Admission;
import io.lastcall.internal.consumer.Assembly;
import io.lastcall.internal.consumer.Plan;
import io.lastcall.internal.dispatch.Floor;
import io.lastcall.internal.time.Host;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts the consumer of one schedule together: the real engine on the simulated host. A planted fault is a subclass that exchanges
 * one part. Not thread-safe.
 */
class Planting extends Assembly<Ticket> {

    protected final World world;
    private final List<Floor<Ticket>> floors;

    Planting(World world, List<Floor<Ticket>> floors) {
        this.world = world;
        this.floors = floors;
    }

    protected SimulatedHost host() {
        return new SimulatedHost(world.scheduler);
    }

    protected SimulatedSource source(int run) {
        return new SimulatedSource(world, run);
    }

    protected Ordering ordering(Ordering asked) {
        return asked;
    }

    @Override
    protected Floor<Ticket> floor(Host host, Plan<Ticket> plan) {
        Floor<Ticket> floor = super.floor(host, plan);
        floors.add(floor);
        return floor;
    }

    /** Counts, and lets others act right after a move, where no lock is held. */
    @Override
    protected @Nullable Probe probe() {
        return world.coverage.interleaving(world.scheduler);
    }

    @Override
    protected @Nullable Admission<Ticket> admission() {
        return world.scenario.admits ? new SimulatedAdmission(world) : null;
    }

    static List<Floor<Ticket>> noFloors() {
        return new ArrayList<>();
    }
}
