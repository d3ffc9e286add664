package io.lastcall.testkit.contract;

import io.lastcall.message.Outcome;
import io.lastcall.spi.Capability;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Extension;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import io.lastcall.testkit.Signals;
import io.lastcall.testkit.contract.Forgeries.Bent;
import io.lastcall.testkit.contract.Forgeries.Forged;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Sources that break what is promised about how much comes, to whom, and where one goes on. */
final class FlowForgeries {

    private FlowForgeries() {}

    /** A source that settles on its own account: the core does not hear of that. */
    private static class Losing<R> extends Bent<R> {

        /** From a batch, and the lane it is for, to what is acknowledged instead of being offered. */
        interface Choice<R> {
            List<Delivery<R>> dropped(List<Delivery<R>> batch, Lane<R> lane);
        }

        private final int more;
        private final Choice<R> choice;

        Losing(Source<R> source, int more, Choice<R> choice) {
            super(source, Function.identity());
            this.more = more;
            this.choice = choice;
        }

        @Override
        public void start(Intake<R> intake) throws Exception {
            source.start(new PassingFactory.PassingIntake<>(intake) {
                @Override
                public Lane<R> open(LaneId id, LaneRules rules) {
                    return losing(intake.open(id, rules));
                }
            });
        }

        private Lane<R> losing(Lane<R> opened) {
            return new PassingFactory.PassingLane<>(opened) {
                @Override
                public int capacity() {
                    return lane.capacity() + more;
                }

                @Override
                public boolean offer(List<Delivery<R>> batch) {
                    List<Delivery<R>> dropped = List.copyOf(choice.dropped(batch, lane));
                    List<Settlement<R>> forged = new ArrayList<>();
                    dropped.forEach(it -> forged.add(new Forged<>(it, Outcome.accept())));
                    source.settle(forged);
                    List<Delivery<R>> kept = new ArrayList<>(batch);
                    kept.removeAll(dropped);
                    return kept.isEmpty() || lane.offer(kept);
                }

                @Override
                public void settled(Collection<? extends Settlement<R>> covered) {
                    lane.settled(Forgeries.real(covered));
                }
            };
        }
    }

    /** Eight more than wanted are fetched. What does not fit then is acknowledged, and its body fired as a signal. */
    static <R> Source<R> dropsWhatDoesNotFit(Source<R> good, Signals signals) {
        return new Losing<>(good, 8, (batch, lane) -> {
            int room = Math.max(0, lane.capacity());
            List<Delivery<R>> dropped = batch.subList(Math.min(room, batch.size()), batch.size());
            dropped.forEach(it -> signals.fire(Ledger.body(it.message())));
            return dropped;
        });
    }

    /** Of so many messages one is acknowledged and goes nowhere. */
    static <R> Source<R> losesOneOf(Source<R> good, int many, AtomicInteger count) {
        return new Losing<>(good, 0, (batch, lane) -> {
            List<Delivery<R>> dropped = new ArrayList<>(batch);
            dropped.removeIf(it -> count.incrementAndGet() % many != 0);
            return dropped;
        });
    }

    /** The lane holds no more than so many, whatever the limit is. */
    static <R> Source<R> holdsAtMost(Source<R> good, int most) {
        return new PassingFactory.PassingSource<>(good) {
            @Override
            public void start(Intake<R> intake) throws Exception {
                super.start(new PassingFactory.PassingIntake<>(intake) {
                    @Override
                    public Lane<R> open(LaneId id, LaneRules rules) {
                        return super.open(id, rules.boundedTo(most));
                    }
                });
            }
        };
    }

    /** There are four at once or none. */
    static <R> Source<R> fetchesFourOrNone(Source<R> good) {
        return new Bent<>(good, lane -> new PassingFactory.PassingLane<>(lane) {
            @Override
            public int capacity() {
                return four(super.capacity());
            }

            @Override
            public int awaitCapacity(Duration atMost) throws InterruptedException {
                return four(super.awaitCapacity(atMost));
            }

            private int four(int room) {
                return room < 4 ? 0 : room;
            }
        });
    }

    /** The first source gets everything; those after it hear nothing. */
    static <R> Source<R> servesOneOnly(Source<R> good, AtomicInteger opened) {
        if (opened.incrementAndGet() == 1) {
            return good;
        }
        return new PassingFactory.PassingSource<>(good) {
            @Override
            public void start(Intake<R> intake) {}
        };
    }

    /** The first delivery of each batch is offered twice. */
    static <R> Source<R> offersTheFirstAgain(Source<R> good) {
        return new Bent<>(good, lane -> new PassingFactory.PassingLane<>(lane) {
            @Override
            public boolean offer(List<Delivery<R>> batch) {
                List<Delivery<R>> more = new ArrayList<>(batch);
                more.add(new Delivery<>(batch.get(0).message(), batch.get(0).receipt()));
                return super.offer(more);
            }
        });
    }

    /** Once cut off, nothing is received any more, mended or not. */
    static <R> Source<R> staysCutOff(Source<R> good, Signals signals) {
        return new Bent<>(good, lane -> new PassingFactory.PassingLane<>(lane) {
            @Override
            public boolean offer(List<Delivery<R>> batch) {
                return signals.fired("cut") || super.offer(batch);
            }
        });
    }

    /** The start hangs until the broker is mended, and then goes on, though the consumer has been drained and closed meanwhile. */
    static <R> Source<R> startsAfterAll(Source<R> good, Signals signals) {
        return new PassingFactory.PassingSource<>(good) {
            @Override
            public void start(Intake<R> intake) throws Exception {
                signals.awaitStubbornly("mended");
                try {
                    super.start(intake);
                } finally {
                    signals.fire("started after all");
                }
            }

            @Override
            public CompletionStage<Void> stopReceiving() {
                return CompletableFuture.completedFuture(null);
            }

            @Override
            public void close(Duration atMost) {}
        };
    }

    /** Sources whose lanes have a lease. They say that they extend it; a false one has given everything back by then. */
    static SourceFactory<?> leased(SourceFactory<?> good, Duration lease, boolean honest) {
        return withLease(good, lease, honest);
    }

    private static <R> SourceFactory<R> withLease(SourceFactory<R> good, Duration lease, boolean honest) {
        return new PassingFactory<>(good) {
            @Override
            public Set<Capability> capabilities() {
                Set<Capability> more = EnumSet.copyOf(factory.capabilities());
                more.add(Capability.LEASE);
                return more;
            }

            @Override
            public Source<R> open() {
                return new Lending<>(factory.open(), lease, honest);
            }
        };
    }

    private static final class Lending<R> extends PassingFactory.PassingSource<R> {

        private final Duration lease;
        private final boolean honest;
        /** Written by start. */
        private volatile @Nullable Lane<R> opened;
        /** Written by stopReceiving. */
        private volatile boolean stopped;

        Lending(Source<R> source, Duration lease, boolean honest) {
            super(source);
            this.lease = lease;
            this.honest = honest;
        }

        @Override
        public void start(Intake<R> intake) throws Exception {
            super.start(new PassingFactory.PassingIntake<>(intake) {
                @Override
                public Lane<R> open(LaneId id, LaneRules rules) {
                    Lane<R> real = super.open(id, rules.withLease(lease));
                    opened = real;
                    return new PassingFactory.PassingLane<>(real) {
                        @Override
                        public void settled(Collection<? extends Settlement<R>> covered) {
                            super.settled(Forgeries.real(covered));
                        }

                        @Override
                        public void unsettled(Collection<? extends Settlement<R>> failed, Failure why) {
                            List<Settlement<R>> known = Forgeries.real(failed);
                            if (!known.isEmpty()) {
                                super.unsettled(known, why);
                            }
                        }
                    };
                }
            });
        }

        @Override
        public CompletionStage<Void> stopReceiving() {
            CompletionStage<Void> stopping = super.stopReceiving();
            stopped = true;
            return stopping;
        }

        /** Once stopped, so that it is another who gets what is given back. */
        @Override
        public CompletionStage<List<Extension>> extend(List<Delivery<R>> held) {
            if (!honest && stopped) {
                List<Settlement<R>> forged = new ArrayList<>();
                held.forEach(it -> forged.add(new Forged<>(it, Outcome.release())));
                super.settle(forged);
            }
            return CompletableFuture.completedFuture(Collections.nCopies(held.size(), Extension.EXTENDED));
        }

        @Override
        public void settle(List<? extends Settlement<R>> run) {
            Lane<R> lane = opened;
            if (honest || lane == null) {
                super.settle(run);
            } else {
                lane.settled(run);
            }
        }
    }
}
