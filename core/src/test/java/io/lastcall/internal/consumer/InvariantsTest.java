package io.lastcall.internal.consumer;

import static io.lastcall.internal.consumer.HandConsumer.drain;
import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.ConsumerListener;
import io.lastcall.ConsumerSnapshot;
import io.lastcall.ConsumerState;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.Problem;
import io.lastcall.internal.account.Execution;
import io.lastcall.internal.account.Fate;
import io.lastcall.internal.account.Probe;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Failure;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.Revocation;
import io.lastcall.spi.RevokeReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The invariants of ARCHITECTURE.md on the real engine, I1 to I7; the others stand in {@link DrainInvariantsTest}. */
class InvariantsTest {

    private final HandConsumer hand = new HandConsumer();
    private final HandSource source = hand.source;
    private final List<Throwable> wrong = new CopyOnWriteArrayList<>();
    private final AtomicReference<@Nullable MessageConsumer> started = new AtomicReference<>();

    @Test
    void i01_received_is_held_plus_ended_in_every_snapshot() throws Exception {
        List<ConsumerSnapshot> snapshots = new CopyOnWriteArrayList<>();
        Runnable look = () -> {
            MessageConsumer consumer = started.get();
            if (consumer != null) {
                snapshots.add(consumer.snapshot());
            }
        };
        hand.listeners.add(new ConsumerListener() {
            @Override
            public void stateChanged(String consumer, ConsumerState from, ConsumerState to) {
                look.run();
            }
        });
        source.onSettle = run -> look.run();
        started.set(hand.start(message -> {
            look.run();
            return switch (message.id()) {
                case "m2" -> Outcome.retry();
                case "m4" -> Outcome.release();
                default -> Outcome.accept();
            };
        }));
        source.offer("a", 1, 2, 3);
        source.offer("b", 4, 5);
        hand.await("ends m2");
        hand.await("ends m4");
        look.run();
        source.lane().revoke(RevokeReason.REASSIGNED).fence();
        look.run();
        DrainReport report = drain(running(), DrainRequest.because("test"));
        look.run();
        assertThat(snapshots)
                .hasSizeGreaterThan(5)
                .allSatisfy(
                        it -> assertThat(it.held() + it.settling() + it.counts().ended())
                                .isEqualTo(it.counts().received()));
        assertThat(report.counts().received()).isEqualTo(5);
        assertThat(report.problems()).isEmpty();
    }

    @Test
    void i01_a_key_that_cannot_be_compared_rejects_its_message() throws Exception {
        hand.ordering = Ordering.byKey(message -> new Object() {
            @Override
            public int hashCode() {
                throw new IllegalStateException("no hash");
            }
        });
        started.set(hand.start(message -> Outcome.accept()));
        source.onSettle = run -> hand.happens("settled");
        assertThat(source.offer("a", 1)).isTrue();
        hand.await("settled");
        DrainReport report = drain(running(), DrainRequest.because("test"));
        assertThat(report.counts().rejected()).as(report.describe()).isEqualTo(1);
        assertThat(hand.handled).isEmpty();
    }

    @Test
    void i02_both_coordinates_move_along_their_arrows_only() throws Exception {
        List<String> moves = new CopyOnWriteArrayList<>();
        hand.assembly = new Assembly<>() {
            @Override
            protected Probe probe() {
                return new Probe() {
                    @Override
                    public void moved(Execution from, Execution to) {
                        moves.add((from.mayBecome(to) ? "" : "illegal ") + from + " " + to);
                        hand.happens(from + " " + to);
                    }

                    @Override
                    public void moved(Fate from, Fate to) {
                        moves.add((from.mayBecome(to) ? "" : "illegal ") + from + " " + to);
                    }
                };
            }
        };
        hand.drain = DrainSettings.within(Duration.ofMillis(500));
        started.set(hand.start(message -> {
            if (message.id().equals("m3")) {
                hand.awaitStubbornly("end of test");
            }
            return message.id().equals("m1") ? Outcome.retry() : Outcome.accept();
        }));
        source.offer("a", 1, 2);
        source.offer("b", 4);
        source.offer("c", 3, 5);
        hand.await("CONCLUDING WAITING");
        hand.await("ends m4");
        hand.await("begins m3");
        drain(running(), DrainRequest.because("test"));
        hand.happens("end of test");
        assertThat(moves)
                .noneMatch(it -> it.startsWith("illegal"))
                .contains("RUNNING CONCLUDING", "CONCLUDING WAITING", "WAITING DONE", "QUEUED DONE")
                .contains("HELD SETTLING", "SETTLING ACCEPTED", "SETTLING RELEASED", "HELD ABANDONED");
    }

    @Test
    void i03_no_foreign_code_runs_under_the_lock() throws Exception {
        List<String> called = new CopyOnWriteArrayList<>();
        hand.listeners.add(new ConsumerListener() {
            @Override
            public void stateChanged(String consumer, ConsumerState from, ConsumerState to) {
                called.add("listener");
                lockIsFree();
            }

            @Override
            public void problem(String consumer, Problem problem) {
                called.add("problem");
                lockIsFree();
            }
        });
        hand.ordering = Ordering.byKey(message -> {
            called.add("key");
            lockIsFree();
            return "a";
        });
        source.rules = LaneRules.PLAIN.withLease(Duration.ofMillis(30));
        source.onSettle = run -> {
            called.add("settle");
            lockIsFree();
            hand.happens("settled");
        };
        source.onExtend = () -> {
            called.add("extend");
            lockIsFree();
            hand.happens("extended");
        };
        source.onStop = this::lockIsFree;
        source.onClose = this::lockIsFree;
        started.set(hand.start(message -> {
            called.add("handler");
            lockIsFree();
            hand.await("extended");
            hand.await("limit lowered");
            return Outcome.accept();
        }));
        CompletableFuture<Void> dependent = running()
                .ended()
                .toCompletableFuture()
                .thenRun(() -> {
                    called.add("dependent");
                    lockIsFree();
                });
        source.intake().onCapacity(() -> {
            called.add("capacity");
            lockIsFree();
            hand.happens("capacity");
        });
        source.offer("a", 1);
        running().changeLimit(1);
        assertThat(source.lane().capacity()).isLessThanOrEqualTo(0);
        hand.happens("limit lowered");
        hand.await("settled");
        hand.await("capacity");
        source.lane().unsettled(List.of(source.told.get(0)), Failure.unknown("again", null));
        Revocation revocation = source.lane().revoke(RevokeReason.REASSIGNED);
        revocation.finished().toCompletableFuture().thenRun(this::lockIsFree).get(10, TimeUnit.SECONDS);
        drain(running(), DrainRequest.because("test"));
        dependent.get(10, TimeUnit.SECONDS);
        assertThat(called)
                .contains("handler", "settle", "extend", "key", "listener", "problem", "dependent", "capacity");
        assertThat(wrong).isEmpty();
    }

    /** Another thread can have the lock while the current one is in foreign code. */
    private void lockIsFree() {
        MessageConsumer consumer = started.get();
        if (consumer == null) {
            return;
        }
        FutureTask<ConsumerSnapshot> reading = new FutureTask<>(consumer::snapshot);
        new Thread(reading, "reader").start();
        try {
            assertThat(reading.get(10, TimeUnit.SECONDS)).isNotNull();
        } catch (Exception e) {
            wrong.add(e);
        }
    }

    @Test
    void i04_settle_is_called_at_most_once_however_the_drain_is_driven() throws Exception {
        hand.drain = DrainSettings.within(Duration.ofSeconds(2));
        source.answersAtOnce = false;
        started.set(hand.start(message -> {
            hand.awaitStubbornly("gate");
            return Outcome.accept();
        }));
        source.offer("a", 1, 2, 3);
        hand.await("begins m1");
        source.onSettle = run -> hand.happens("released");
        running().beginDrain(DrainRequest.because("first"));
        hand.await("released");
        running().beginDrain(DrainRequest.because("second").mode(DrainMode.STOP_NOW));
        source.lane().settled(List.copyOf(source.told));
        hand.happens("gate");
        DrainReport report = drain(running(), DrainRequest.because("third"));
        source.lane().settled(List.copyOf(source.told));
        assertThat(source.toldIds()).doesNotHaveDuplicates().contains(2, 3);
        assertThat(report.counts().ended()).isEqualTo(3);
    }

    @Test
    void i05_close_waits_for_a_settle_that_hangs_until_the_reserve_and_the_report_names_it() throws Exception {
        hand.drain = DrainSettings.within(Duration.ofMillis(800)).reserve(Duration.ofMillis(200));
        source.onSettle = run -> hand.awaitStubbornly("end of test");
        AtomicReference<Long> closing = new AtomicReference<>();
        source.onClose = () -> closing.set(System.nanoTime());
        started.set(hand.start(message -> Outcome.accept()));
        source.offer("a", 1);
        hand.await("ends m1");
        long begun = System.nanoTime();
        DrainReport report = drain(running(), DrainRequest.because("test"));
        hand.happens("end of test");
        assertThat(closing.get() - begun).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(600));
        assertThat(report.problems()).anySatisfy(it -> assertThat(it.what()).contains("1 settle or extend calls"));
        assertThat(report.clean()).isFalse();
    }

    @Test
    void i05_no_extend_follows_once_close_was_called() throws Exception {
        source.rules = LaneRules.PLAIN.withLease(Duration.ofMillis(30));
        source.answersAtOnce = false;
        List<Integer> during = new ArrayList<>();
        source.onClose = () -> {
            int before = source.extended.size();
            source.onExtend = () -> hand.happens("extended during close");
            try {
                // Three leases long: a deadline on an event that must not come.
                CompletableFuture<Void> never = new CompletableFuture<>();
                assertThat(source.intake().await(never, Duration.ofMillis(100))).isFalse();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            during.add(source.extended.size() - before);
        };
        started.set(hand.start(message -> Outcome.accept()));
        source.onExtend = () -> hand.happens("extended");
        source.offer("a", 1);
        hand.await("extended");
        drain(running(), DrainRequest.because("test"));
        assertThat(during).containsExactly(0);
    }

    @Test
    void i06_a_late_outcome_is_counted_and_dropped() throws Exception {
        hand.drain = DrainSettings.within(Duration.ofMillis(400));
        started.set(hand.start(message -> {
            hand.awaitStubbornly(message.id().equals("m1") ? "revoked" : "abandoned");
            return Outcome.accept();
        }));
        source.offer("a", 1);
        hand.await("begins m1");
        source.lane().revoke(RevokeReason.LOST);
        hand.happens("revoked");
        hand.await("ends m1");
        DrainReport report = drain(running(), DrainRequest.because("test"));
        assertThat(source.told).isEmpty();
        assertThat(report.lateOutcomes()).isEqualTo(1);
        assertThat(report.counts().revoked()).isEqualTo(1);
    }

    private MessageConsumer running() {
        MessageConsumer consumer = started.get();
        if (consumer == null) {
            throw new AssertionError("not started");
        }
        return consumer;
    }
}
