package io.lastcall.testkit.simulation;

import io.lastcall.Ordering;
import io.lastcall.internal.consumer.Plan;
import io.lastcall.internal.dispatch.Floor;
import io.lastcall.internal.time.Host;
import java.util.List;

/** Faults in what the engine is given from outside: threads, clock, sizes. */
final class PlantedHosts {

    private PlantedHosts() {}

    /** 7. */
    static final class OnTheCallersThread extends Planting {
        OnTheCallersThread(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected SimulatedHost host() {
            return new SimulatedHost(world.scheduler) {
                @Override
                public void control(Runnable task) {
                    task.run();
                }

                @Override
                public void detach(String what, Runnable task) {
                    task.run();
                }
            };
        }
    }

    /** 12. */
    static final class WallClock extends Planting {
        WallClock(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected SimulatedHost host() {
            return new SimulatedHost(world.scheduler) {
                private long set;

                {
                    for (int i = 0; i < 4; i++) {
                        world.scheduler.after(world.dice.magnitude(1_000, 4_000_000_000L), () -> set -= 600_000_000);
                    }
                }

                @Override
                public long nanoTime() {
                    return super.nanoTime() + set;
                }

                @Override
                public Timer schedule(long at, Runnable task) {
                    return super.schedule(at - set, task);
                }
            };
        }
    }

    /** The signal. */
    static final class NoSignal extends Planting {
        NoSignal(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected SimulatedSource source(int run) {
            return new SimulatedSource(world, run) {
                @Override
                protected void hearOfRoom() {}
            };
        }
    }

    /** The order. */
    static final class NoOrder extends Planting {
        NoOrder(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected Ordering ordering(Ordering asked) {
            return Ordering.none();
        }
    }

    /** The concurrency. */
    static final class OneMore extends Planting {
        OneMore(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected Floor<Ticket> floor(Host host, Plan<Ticket> plan) {
            Plan<Ticket> more = new Plan<>(
                    plan.name(),
                    plan.source(),
                    plan.concurrency() + 1,
                    plan.limit(),
                    plan.ordering(),
                    plan.priority(),
                    plan.drain(),
                    plan.retry(),
                    plan.deadLetters(),
                    plan.drops(),
                    plan.workers(),
                    plan.listeners(),
                    plan.handling());
            return super.floor(host, more);
        }
    }
}
