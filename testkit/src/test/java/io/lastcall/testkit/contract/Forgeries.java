package io.lastcall.testkit.contract;

import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.RevokeReason;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import io.lastcall.testkit.Signals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Sources that break one rule each, around a good one. */
final class Forgeries {

    private Forgeries() {}

    static SourceFactory<?> around(SourceFactory<?> good, Forgery forgery) {
        return forged(good, forgery);
    }

    /** Makes a bad source of a good one. */
    interface Forgery {
        <R> Source<R> forge(Source<R> good);
    }

    private static <R> SourceFactory<R> forged(SourceFactory<R> good, Forgery forgery) {
        return new PassingFactory<>(good) {
            @Override
            public Source<R> open() {
                return forgery.forge(good.open());
            }
        };
    }

    /** A bad source that works on the lane. */
    static class Bent<R> extends PassingFactory.PassingSource<R> {

        private final Function<Lane<R>, Lane<R>> bend;
        /** Written by start. */
        volatile @Nullable Lane<R> lane;

        Bent(Source<R> source, Function<Lane<R>, Lane<R>> bend) {
            super(source);
            this.bend = bend;
        }

        @Override
        public void start(Intake<R> intake) throws Exception {
            source.start(new PassingFactory.PassingIntake<>(intake) {
                @Override
                public Lane<R> open(LaneId id, LaneRules rules) {
                    Lane<R> opened = bend.apply(intake.open(id, rules));
                    lane = opened;
                    return opened;
                }
            });
        }

        Lane<R> lane() {
            Lane<R> opened = lane;
            if (opened == null) {
                throw new AssertionError("no lane yet");
            }
            return opened;
        }
    }

    /** The stop is never confirmed. */
    static <R> Source<R> neverConfirms(Source<R> good) {
        return new PassingFactory.PassingSource<>(good) {
            @Override
            public CompletionStage<Void> stopReceiving() {
                return super.stopReceiving().thenCompose(nothing -> new CompletableFuture<>());
            }
        };
    }

    /** The stop is confirmed and not passed on, and whether more is wanted is not asked. */
    static <R> Source<R> goesOnAfterTheStop(Source<R> good) {
        return new Bent<>(good, lane -> new PassingFactory.PassingLane<>(lane) {
            @Override
            public int capacity() {
                return 100;
            }
        }) {
            @Override
            public CompletionStage<Void> stopReceiving() {
                return CompletableFuture.completedFuture(null);
            }
        };
    }

    /** The stop is confirmed without a look at what is on its way. */
    static <R> Source<R> confirmsBeforeTheWire(Source<R> good) {
        return new PassingFactory.PassingSource<>(good) {
            @Override
            public CompletionStage<Void> stopReceiving() {
                var unused = super.stopReceiving();
                return CompletableFuture.completedFuture(null);
            }
        };
    }

    /** Of each batch the first message goes nowhere, and is acknowledged. */
    static <R> Source<R> losesMessages(Source<R> good) {
        return new Bent<>(good, Function.identity()) {
            @Override
            public void start(Intake<R> intake) throws Exception {
                source.start(new PassingFactory.PassingIntake<>(intake) {
                    @Override
                    public Lane<R> open(LaneId id, LaneRules rules) {
                        return new PassingFactory.PassingLane<>(intake.open(id, rules)) {
                            @Override
                            public boolean offer(List<Delivery<R>> batch) {
                                List<Delivery<R>> kept = new ArrayList<>(batch);
                                source.settle(List.of(new Forged<>(kept.remove(0), Outcome.accept())));
                                return kept.isEmpty() || lane.offer(kept);
                            }

                            @Override
                            public void settled(Collection<? extends Settlement<R>> covered) {
                                lane.settled(real(covered));
                            }
                        };
                    }
                });
            }
        };
    }

    /** What is released is acknowledged. */
    static <R> Source<R> acknowledgesReleases(Source<R> good) {
        return new Answering<>(good, it -> it.outcome() instanceof Outcome.Release ? Outcome.accept() : it.outcome());
    }

    /** What is released is only put back when the source closes. */
    static <R> Source<R> keepsReleases(Source<R> good) {
        return new Bent<>(good, Function.identity()) {
            @Override
            public void settle(List<? extends Settlement<R>> run) {
                List<Settlement<R>> passed = new ArrayList<>(run);
                List<Settlement<R>> kept = new ArrayList<>(run);
                kept.removeIf(it -> !(it.outcome() instanceof Outcome.Release));
                passed.removeAll(kept);
                super.settle(passed);
                lane().settled(kept);
            }
        };
    }

    /** The lane is given up when the stop is asked for. */
    static <R> Source<R> revokesAtStop(Source<R> good) {
        return new Bent<>(good, Function.identity()) {
            @Override
            public CompletionStage<Void> stopReceiving() {
                var unused = lane().revoke(RevokeReason.LOST);
                return super.stopReceiving();
            }
        };
    }

    /** What was not settled by the close is acknowledged. */
    static <R> Source<R> acknowledgesAllAtClose(Source<R> good) {
        List<Delivery<R>> seen = new CopyOnWriteArrayList<>();
        List<Object> told = new CopyOnWriteArrayList<>();
        return new Bent<>(good, lane -> new PassingFactory.PassingLane<>(lane) {
            @Override
            public boolean offer(List<Delivery<R>> batch) {
                seen.addAll(batch);
                return super.offer(batch);
            }

            @Override
            public void settled(Collection<? extends Settlement<R>> covered) {
                super.settled(real(covered));
            }
        }) {
            @Override
            public void settle(List<? extends Settlement<R>> run) {
                run.forEach(it -> told.add(it.delivery()));
                super.settle(run);
            }

            @Override
            public void close(Duration atMost) throws Exception {
                seen.removeAll(told);
                List<Settlement<R>> rest = new ArrayList<>();
                seen.forEach(it -> rest.add(new Forged<>(it, Outcome.accept())));
                source.settle(rest);
                super.close(atMost);
            }
        };
    }

    /** Each settlement is answered twice. */
    static <R> Source<R> answersTwice(Source<R> good) {
        return new Bent<>(good, lane -> new PassingFactory.PassingLane<>(lane) {
            @Override
            public void settled(Collection<? extends Settlement<R>> covered) {
                List<Settlement<R>> again = List.copyOf(covered);
                super.settled(covered);
                super.settled(again);
            }
        });
    }

    /** No settlement is ever answered. */
    static <R> Source<R> settlesNothing(Source<R> good) {
        return new PassingFactory.PassingSource<>(good) {
            @Override
            public void settle(List<? extends Settlement<R>> run) {}
        };
    }

    /** Each batch is offered last one first. */
    static <R> Source<R> offersBackwards(Source<R> good) {
        return new Bent<>(good, lane -> new PassingFactory.PassingLane<>(lane) {
            @Override
            public boolean offer(List<Delivery<R>> batch) {
                List<Delivery<R>> reversed = new ArrayList<>(batch);
                Collections.reverse(reversed);
                return super.offer(reversed);
            }
        });
    }

    /** A stop that comes before the start is confirmed and forgotten. The start waits a little, so that a stop may come first. */
    static <R> Source<R> startsAfterTheStop(Source<R> good) {
        CountDownLatch stopAsked = new CountDownLatch(1);
        return new PassingFactory.PassingSource<>(good) {
            @Override
            public void start(Intake<R> intake) throws Exception {
                boolean first = stopAsked.await(50, TimeUnit.MILLISECONDS);
                super.start(intake);
                if (first) {
                    intake.open(new LaneId("after the stop", 0), LaneRules.PLAIN);
                }
            }

            @Override
            public CompletionStage<Void> stopReceiving() {
                stopAsked.countDown();
                return super.stopReceiving();
            }
        };
    }

    /** A thread is left behind, until the signal. */
    static <R> Source<R> leaksAThread(Source<R> good, Signals signals) {
        return new PassingFactory.PassingSource<>(good) {
            @Override
            public void start(Intake<R> intake) throws Exception {
                intake.threads()
                        .newThread(() -> signals.awaitStubbornly("leak ends"))
                        .start();
                super.start(intake);
            }
        };
    }

    /** The lane says that a release costs something, which here it does not. */
    static <R> Source<R> saysReleaseCosts(Source<R> good) {
        return new PassingFactory.PassingSource<>(good) {
            @Override
            public void start(Intake<R> intake) throws Exception {
                super.start(new PassingFactory.PassingIntake<>(intake) {
                    @Override
                    public Lane<R> open(LaneId id, LaneRules rules) {
                        return super.open(id, rules.withCostlyRelease());
                    }
                });
            }
        };
    }

    /** Once cut off, settlements get nowhere; an honest one says so. */
    static <R> Source<R> cutOff(Source<R> good, Signals signals, boolean honest) {
        return new Bent<>(good, Function.identity()) {
            @Override
            public void settle(List<? extends Settlement<R>> run) {
                if (!signals.fired("cut")) {
                    super.settle(run);
                } else if (honest) {
                    lane().unsettled(run, Failure.unknown("cut off", null));
                } else {
                    lane().settled(run);
                }
            }
        };
    }

    /** A settlement of a forger. */
    record Forged<R>(Delivery<R> delivery, Outcome outcome) implements Settlement<R> {}

    /** Those that the core knows of. */
    static <R> List<Settlement<R>> real(Collection<? extends Settlement<R>> some) {
        List<Settlement<R>> real = new ArrayList<>(some);
        real.removeIf(it -> it instanceof Forged);
        return real;
    }

    /** Tells the good source another outcome than it was told, and the core the one that it told. */
    static final class Answering<R> extends Bent<R> {

        private final Function<Settlement<R>, Outcome> other;

        Answering(Source<R> source, Function<Settlement<R>, Outcome> other) {
            super(source, lane -> new PassingFactory.PassingLane<>(lane) {
                @Override
                public void settled(Collection<? extends Settlement<R>> covered) {}
            });
            this.other = other;
        }

        @Override
        public void settle(List<? extends Settlement<R>> run) {
            List<Settlement<R>> told = new ArrayList<>();
            run.forEach(it -> told.add(new Forged<>(it.delivery(), other.apply(it))));
            super.settle(told);
            ((PassingFactory.PassingLane<R>) lane()).lane.settled(run);
        }
    }
}
