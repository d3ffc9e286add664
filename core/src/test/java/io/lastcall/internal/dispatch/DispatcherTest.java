package io.lastcall.internal.dispatch;

import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Execution;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.message.Outcome;
import io.lastcall.spi.RevokeReason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;
import org.junit.jupiter.api.Test;

/**
 * The dispatcher under Lincheck, which here only makes the interleavings: what an operation does goes on after its lock, so it is
 * not linearizable by design. Instead the handlers check I7 and the order of a key, settling checks I4, and {@link Subject#settle}
 * checks at quiescence that nothing is left: no pin, no slot, no call, no strand, no delivery.
 */
class DispatcherTest {

    @Test
    void i01_i04_i07_runs_end_whole_under_stress() {
        new StressOptions()
                .iterations(2)
                .invocationsPerIteration(Scenario.effort(1_000))
                .minimizeFailedScenario(false)
                .threads(2)
                .actorsPerThread(4)
                .actorsBefore(2)
                .actorsAfter(0)
                .verifier(EpsilonVerifier.class)
                .check(Subject.class);
    }

    @Test
    void i01_i04_i07_runs_end_whole_in_all_interleavings_tried() {
        new ModelCheckingOptions()
                .iterations(0)
                .invocationsPerIteration(Scenario.effort(100))
                .addCustomScenario(Scenario.of(Subject.class, "offerOne", "offerOther")
                        .race("work", "relieve")
                        .then())
                .addCustomScenario(Scenario.of(Subject.class, "offerOne")
                        .race("work", "release")
                        .then())
                .addCustomScenario(Scenario.of(Subject.class, "offerWithoutOrder")
                        .race("work", "revoke")
                        .then())
                .minimizeFailedScenario(false)
                .verifier(EpsilonVerifier.class)
                .check(Subject.class);
    }

    /** What is tried: real workers and a real watch, run by hand. */
    public static class Subject {

        private final Queue<Throwable> wrong = new ConcurrentLinkedQueue<>();
        private final Queue<Entry<Integer>> offered = new ConcurrentLinkedQueue<>();
        private final Queue<Telling<Integer>> unanswered = new ConcurrentLinkedQueue<>();
        private final Set<Entry<Integer>> told = ConcurrentHashMap.newKeySet();
        private final Map<Object, Entry<Integer>> running = new ConcurrentHashMap<>();
        private final Map<Object, Integer> last = new ConcurrentHashMap<>();
        private final Bench bench = new Bench(2, 100, new Handlers());
        private final LaneBook<Integer> first = bench.lane(100);
        private final LaneBook<Integer> second = bench.lane(100);
        private final Watch<Integer> watch = new Watch<>(bench.floor, bench.dispatcher);

        @SuppressWarnings("GuardedBy") // nobody else has it yet
        public Subject() {
            bench.floor.pace.set(1);
        }

        private void run(Runnable operation) {
            try {
                operation.run();
            } catch (RuntimeException | AssertionError e) {
                wrong.add(e);
            }
        }

        @Operation
        public void offerOne() {
            run(() -> offered.addAll(bench.offer(first, "one", 3)));
        }

        @Operation
        public void offerOther() {
            run(() -> offered.addAll(bench.offer(second, "other", 2)));
        }

        @Operation
        public void offerWithoutOrder() {
            run(() -> offered.addAll(bench.offer(first, null, 2)));
        }

        @Operation
        public void work() {
            run(bench.host::runWorker);
        }

        @Operation
        public void relieve() {
            run(() -> bench.locked(this::relieveAll));
        }

        @SuppressWarnings("GuardedBy") // locked() holds it
        private void relieveAll() {
            bench.floor.crew.all.stream().filter(worker -> worker.busy).forEach(watch::relieve);
        }

        @Operation
        public void answer() {
            run(this::answerAll);
        }

        @Operation
        public void time() {
            run(bench.host::fireTimers);
        }

        @Operation
        public void release() {
            run(bench.drainage::releaseUnstarted);
        }

        @Operation
        public void revoke() {
            run(() -> bench.answers.revoke(first, RevokeReason.REASSIGNED));
        }

        private boolean answerAll() {
            Telling<Integer> next = unanswered.poll();
            if (next == null) {
                return false;
            }
            int strange = bench.answers.settled(next.lane(), next.run());
            check(strange == 0, strange + " answered settlements were not open");
            return true;
        }

        private void check(boolean holds, String what) {
            if (!holds) {
                wrong.add(new AssertionError(what));
            }
        }

        @Validate
        public void settle() {
            run(() -> {
                while (bench.host.runWorker() || bench.host.fireTimers() || answerAll()) {
                    // Each may make work for the others.
                }
                checkThatNothingIsLeft();
            });
            if (!wrong.isEmpty()) {
                throw new AssertionError(wrong.toString(), wrong.peek());
            }
        }

        @SuppressWarnings("GuardedBy") // all others have ended
        private void checkThatNothingIsLeft() {
            Floor<Integer> floor = bench.floor;
            check(floor.sum.held() == 0 && floor.sum.settling() == 0, "something is held: " + floor.sum.counts());
            check(bench.drainage.addsUp(), "I1: " + floor.sum.counts());
            check(floor.picked == 0, "picked = " + floor.picked);
            check(floor.crew.slots == 0, "slots = " + floor.crew.slots);
            check(floor.calls == 0, "calls = " + floor.calls);
            check(floor.waiting == 0, "waiting = " + floor.waiting);
            check(floor.strands.size() == 0 && floor.ready.isEmpty(), "strands are left");
            check(floor.unordered.pins == 0, "pins = " + floor.unordered.pins);
            for (Entry<Integer> entry : offered) {
                check(entry.execution() == Execution.DONE, "not done: " + entry);
            }
        }

        private final class Handlers extends QuietDuties {

            @Override
            @SuppressWarnings("ReferenceEquality") // that very entry
            public Outcome handle(Entry<Integer> entry) {
                Object key = bench.floor.strandOf(entry).key;
                if (key != null) {
                    check(running.putIfAbsent(key, entry) == null, "I7: " + entry + " beside another");
                    Integer before = last.put(key, entry.delivery().receipt());
                    check(before == null || before <= entry.delivery().receipt(), "order: " + entry);
                }
                Outcome outcome = outcomeOf(entry);
                if (key != null) {
                    check(running.remove(key) == entry, "I7: " + entry + " was joined");
                }
                return outcome;
            }

            private Outcome outcomeOf(Entry<Integer> entry) {
                return switch (entry.delivery().receipt() % 5) {
                    case 1 ->
                        entry.failedAgain() == 1
                                ? new Outcome.Retry(Optional.of(Duration.ZERO), null)
                                : Outcome.accept();
                    case 4 -> Outcome.release();
                    default -> Outcome.accept();
                };
            }

            @Override
            public void settle(LaneBook<Integer> lane, List<Entry<Integer>> run) {
                for (Entry<Integer> entry : run) {
                    check(told.add(entry), "I4: told twice: " + entry);
                }
                unanswered.add(new Telling<>(lane, run));
            }

            @Override
            public void broken(Throwable error) {
                wrong.add(error);
            }
        }
    }
}
