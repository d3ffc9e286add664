package io.lastcall.testkit.simulation;

import io.lastcall.Problem;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.internal.consumer.Admission;
import io.lastcall.internal.consumer.HandlerDuties;
import io.lastcall.internal.consumer.Plan;
import io.lastcall.internal.dispatch.Floor;
import io.lastcall.internal.dispatch.Leases;
import io.lastcall.internal.dispatch.Verdict;
import io.lastcall.internal.lease.LeaseKeeper;
import io.lastcall.internal.time.Host;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Faults in what workers do: handling, concluding, settling. */
final class PlantedDuties {

    private PlantedDuties() {}

    /** A planting that knows when the drain has begun. */
    abstract static class Aware extends Planting {
        boolean draining;

        Aware(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        /** The drain begins. */
        void begin(Host host) {}

        @Override
        protected LeaseKeeper<Ticket> leases(
                Host host,
                Leases<Ticket> leases,
                Supplier<@Nullable Source<Ticket>> source,
                Consumer<Problem> problems) {
            return new LeaseKeeper<>(host, leases, source, problems) {
                @Override
                public void drainBegins() {
                    draining = true;
                    begin(host);
                }
            };
        }
    }

    /** 2. */
    static final class Buffer extends Planting {
        private static final int FULL = 4;

        Buffer(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected HandlerDuties<Ticket> duties(
                Plan<Ticket> plan, Host host, Supplier<@Nullable Source<Ticket>> source, Consumer<Problem> problems) {
            return new HandlerDuties<>(plan, host, source, problems, admission()) {
                private final Map<LaneBook<Ticket>, List<Entry<Ticket>>> buffers = new HashMap<>();

                @Override
                public void settle(LaneBook<Ticket> lane, List<Entry<Ticket>> run) {
                    List<Entry<Ticket>> buffer = buffers.computeIfAbsent(lane, it -> new ArrayList<>());
                    buffer.addAll(run);
                    if (buffer.size() >= FULL) {
                        super.settle(lane, new ArrayList<>(buffer));
                        buffer.clear();
                    }
                }
            };
        }
    }

    /** 6. */
    static final class ReleasesWhatRuns extends Aware {
        ReleasesWhatRuns(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected HandlerDuties<Ticket> duties(
                Plan<Ticket> plan, Host host, Supplier<@Nullable Source<Ticket>> source, Consumer<Problem> problems) {
            return new HandlerDuties<>(plan, host, source, problems, admission()) {
                @Override
                public @Nullable Outcome handle(Entry<Ticket> entry) {
                    Outcome outcome = super.handle(entry);
                    return outcome == null && draining ? Outcome.release() : outcome;
                }
            };
        }
    }

    /** 9. */
    static final class ShutdownIsFailure extends Planting {
        ShutdownIsFailure(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected HandlerDuties<Ticket> duties(
                Plan<Ticket> plan, Host host, Supplier<@Nullable Source<Ticket>> source, Consumer<Problem> problems) {
            return new HandlerDuties<>(plan, host, source, problems, admission()) {
                @Override
                protected Outcome again(Entry<Ticket> entry, Optional<Duration> delay, @Nullable Throwable cause) {
                    return entry.told() != null ? Outcome.reject("failed", cause) : super.again(entry, delay, cause);
                }
            };
        }
    }

    /** 10. */
    static final class InterruptsFirst extends Aware {
        private final List<Entry<Ticket>> begun = new ArrayList<>();
        private @Nullable HandlerDuties<Ticket> made;

        InterruptsFirst(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        void begin(Host host) {
            HandlerDuties<Ticket> duties = made;
            for (Entry<Ticket> entry : begun) {
                Runnable cancel = duties == null ? null : duties.cancel(entry);
                if (cancel != null) {
                    host.detach("cancel", cancel);
                }
            }
        }

        @Override
        protected HandlerDuties<Ticket> duties(
                Plan<Ticket> plan, Host host, Supplier<@Nullable Source<Ticket>> source, Consumer<Problem> problems) {
            HandlerDuties<Ticket> duties = new HandlerDuties<>(plan, host, source, problems, admission()) {
                @Override
                public @Nullable Outcome handle(Entry<Ticket> entry) {
                    begun.add(entry);
                    return super.handle(entry);
                }
            };
            made = duties;
            return duties;
        }
    }

    /** 14. */
    static final class WaitsForPermits extends Planting {
        WaitsForPermits(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected @Nullable Admission<Ticket> admission() {
            if (!world.scenario.admits) {
                return null;
            }
            return new SimulatedAdmission(world) {
                @Override
                public CompletionStage<Verdict> admit(Delivery<Ticket> delivery) {
                    CompletableFuture<Verdict> waits = new CompletableFuture<>();
                    super.admit(delivery).whenComplete((verdict, error) -> {
                        if (verdict instanceof Verdict.NotYet notYet) {
                            world.scheduler.after(notYet.delay().toNanos(), () -> waits.complete(verdict));
                        } else if (error != null) {
                            waits.completeExceptionally(error);
                        } else {
                            waits.complete(verdict);
                        }
                    });
                    return waits;
                }
            };
        }
    }

    /** Two calls. */
    static final class TellsTwice extends Planting {
        TellsTwice(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected HandlerDuties<Ticket> duties(
                Plan<Ticket> plan, Host host, Supplier<@Nullable Source<Ticket>> source, Consumer<Problem> problems) {
            return new HandlerDuties<>(plan, host, source, problems, admission()) {
                @Override
                public void settle(LaneBook<Ticket> lane, List<Entry<Ticket>> run) {
                    super.settle(lane, new ArrayList<>(run));
                    super.settle(lane, run);
                }
            };
        }
    }

    /** No letter. */
    static final class NoDeadLetter extends Planting {
        NoDeadLetter(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected HandlerDuties<Ticket> duties(
                Plan<Ticket> plan, Host host, Supplier<@Nullable Source<Ticket>> source, Consumer<Problem> problems) {
            return new HandlerDuties<>(plan, host, source, problems, admission()) {
                @Override
                public boolean concludes(Outcome outcome) {
                    return false;
                }
            };
        }
    }

    /** Nothing is given up. */
    static final class KeepsAdmissions extends Planting {
        KeepsAdmissions(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected HandlerDuties<Ticket> duties(
                Plan<Ticket> plan, Host host, Supplier<@Nullable Source<Ticket>> source, Consumer<Problem> problems) {
            return new HandlerDuties<>(plan, host, source, problems, admission()) {
                @Override
                public void giveUp(Entry<Ticket> entry) {}
            };
        }
    }
}
