package io.lastcall.testkit.simulation;

import io.lastcall.ConsumerState;
import io.lastcall.DrainSettings;
import io.lastcall.Problem;
import io.lastcall.internal.dispatch.Drainage;
import io.lastcall.internal.dispatch.Floor;
import io.lastcall.internal.drain.DrainSequence;
import io.lastcall.internal.drain.Order;
import io.lastcall.internal.time.Host;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Faults in the drain's sequence of steps. */
final class PlantedDrains {

    private static final long SECOND = 1_000_000_000;

    private PlantedDrains() {}

    /** A sequence made as the engine makes it. */
    abstract static class Changed extends DrainSequence<Ticket> {
        Changed(Host host, Drainage<Ticket> drainage, Run run, DrainSettings settings) {
            super(
                    host,
                    drainage,
                    run,
                    settings.finish().orElse(null),
                    settings.graceOf(settings.total()),
                    settings.interrupt());
        }
    }

    /** 3. */
    static final class NeverAsksToStop extends Planting {
        NeverAsksToStop(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected DrainSequence<Ticket> drain(
                Host host, Drainage<Ticket> drainage, DrainSequence.Run run, DrainSettings settings) {
            AtomicReference<@Nullable DrainSequence<Ticket>> made = new AtomicReference<>();
            DrainSequence<Ticket> drain = super.drain(host, drainage, new Silent(run, host, made), settings);
            made.set(drain);
            return drain;
        }
    }

    /** Passes all on but the request to stop. */
    private record Silent(DrainSequence.Run run, Host host, AtomicReference<@Nullable DrainSequence<Ticket>> drain)
            implements DrainSequence.Run {
        @Override
        public ConsumerState state() {
            return run.state();
        }

        @Override
        public void become(ConsumerState next) {
            run.become(next);
        }

        @Override
        public void askToStop() {
            host.control(() -> {
                DrainSequence<Ticket> made = drain.get();
                if (made != null) {
                    made.stopAnswered(null);
                }
            });
        }

        @Override
        public void askToClose(Duration atMost) {
            run.askToClose(atMost);
        }

        @Override
        public void report(Problem problem) {
            run.report(problem);
        }

        @Override
        public void drainBegins(Order order) {
            run.drainBegins(order);
        }

        @Override
        public void closed(DrainSequence.Ending ending) {
            run.closed(ending);
        }
    }

    /** 4. */
    static final class ForgetsTheWire extends Planting {
        ForgetsTheWire(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected DrainSequence<Ticket> drain(
                Host host, Drainage<Ticket> drainage, DrainSequence.Run run, DrainSettings settings) {
            return new Changed(host, drainage, run, settings) {
                @Override
                protected boolean mayFinish(boolean answered, boolean late) {
                    return true;
                }
            };
        }
    }

    /** 5. */
    static final class ClosesAtOnce extends Planting {
        ClosesAtOnce(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected DrainSequence<Ticket> drain(
                Host host, Drainage<Ticket> drainage, DrainSequence.Run run, DrainSettings settings) {
            return new Changed(host, drainage, run, settings) {
                @Override
                protected boolean isDone() {
                    return true;
                }
            };
        }
    }

    /** 8. */
    static final class BudgetsAddUp extends Planting {
        BudgetsAddUp(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected DrainSequence<Ticket> drain(
                Host host, Drainage<Ticket> drainage, DrainSequence.Run run, DrainSettings settings) {
            return new Changed(host, drainage, run, settings) {
                @Override
                public void request(Order asked) {
                    long each = asked.end() - asked.begun();
                    super.request(new Order(
                            asked.reason(),
                            asked.mode(),
                            asked.failure(),
                            asked.begun(),
                            asked.begun() + each,
                            asked.begun() + 2 * each,
                            asked.begun() + 2 * each,
                            asked.begun() + 2 * each,
                            asked.begun() + 3 * each,
                            each));
                }
            };
        }
    }

    /** 13, first. */
    static final class WholeSeconds extends Planting {
        WholeSeconds(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected DrainSequence<Ticket> drain(
                Host host, Drainage<Ticket> drainage, DrainSequence.Run run, DrainSettings settings) {
            return new Changed(host, drainage, run, settings) {
                @Override
                public void request(Order asked) {
                    long from = asked.begun();
                    super.request(new Order(
                            asked.reason(),
                            asked.mode(),
                            asked.failure(),
                            from,
                            cut(from, asked.stop()),
                            cut(from, asked.tell()),
                            cut(from, asked.interrupt()),
                            cut(from, asked.abandon()),
                            cut(from, asked.end()),
                            asked.reserve() / SECOND * SECOND));
                }
            };
        }

        private static long cut(long from, long at) {
            return from + (at - from) / SECOND * SECOND;
        }
    }

    /** 13, second. */
    static final class HearsOnce extends Planting {
        HearsOnce(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected DrainSequence<Ticket> drain(
                Host host, Drainage<Ticket> drainage, DrainSequence.Run run, DrainSettings settings) {
            return new Changed(host, drainage, run, settings) {
                @Override
                public void request(Order asked) {
                    if (order() == null) {
                        super.request(asked);
                    }
                }
            };
        }
    }

    /** 13, third. */
    static final class WaitsForTheStart extends Planting {
        WaitsForTheStart(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected DrainSequence<Ticket> drain(
                Host host, Drainage<Ticket> drainage, DrainSequence.Run run, DrainSettings settings) {
            return new Changed(host, drainage, run, settings) {
                @Override
                public void advance() {
                    if (run.state() != ConsumerState.NEW) {
                        super.advance();
                    }
                }
            };
        }
    }
}
