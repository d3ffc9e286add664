package io.lastcall.internal.dispatch;

import io.lastcall.ConsumerSnapshot;
import io.lastcall.ConsumerState;
import io.lastcall.Counts;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Execution;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.internal.account.Strand;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Failure;
import io.lastcall.spi.RevokeReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The account (floor, lane, tallies, fates) under Lincheck, linearizable against {@link Model}. One delivery is with a worker, which
 * claims it by compare-and-set alone, against a revoke or a release that holds the lock; two more come in and go. More than one such
 * claim would not be linearizable, by design: a revoke takes the deliveries one by one.
 */
class AccountTest {

    @Test
    void i01_i02_i06_account_is_linearizable_under_stress() {
        new StressOptions()
                .iterations(2)
                .invocationsPerIteration(Scenario.effort(1_000))
                .minimizeFailedScenario(false)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(2)
                .actorsAfter(2)
                .sequentialSpecification(Model.class)
                .check(Subject.class);
    }

    @Test
    void i01_i02_i06_account_is_linearizable_in_all_interleavings_tried() {
        new ModelCheckingOptions()
                .iterations(0)
                .invocationsPerIteration(Scenario.effort(100))
                .addCustomScenario(
                        Scenario.of(Subject.class).race("start", "revoke").then("counts"))
                .addCustomScenario(Scenario.of(Subject.class, "start")
                        .race("finish", "revoke")
                        .then("fence", "settled 0", "counts"))
                .addCustomScenario(Scenario.of(Subject.class, "enter 1")
                        .race("start", "release")
                        .then("settled 0", "settled 1", "counts"))
                .minimizeFailedScenario(false)
                .sequentialSpecification(Model.class)
                .check(Subject.class);
    }

    /** What is tried. */
    @Param(name = "one", gen = IntGen.class, conf = "0:2")
    @Param(name = "other", gen = IntGen.class, conf = "1:2")
    public static class Subject {

        private final Bench bench = new Bench(0, 100, new QuietDuties());
        private final LaneBook<Integer> lane = bench.lane(100);
        private final List<Entry<Integer>> entries = new ArrayList<>();
        private final boolean[] entered = new boolean[3];

        public Subject() {
            for (int i = 0; i < 3; i++) {
                entries.add(bench.entry(lane));
            }
            enter(0);
            bench.locked(this::pickFirst);
        }

        @SuppressWarnings("GuardedBy") // locked() holds it
        private void pickFirst() {
            Strand<Integer> strand = bench.floor.strandOf(entries.get(0));
            strand.removeFirst();
            strand.pins++;
            bench.floor.picked++;
            bench.floor.tidy(strand);
        }

        @Operation
        public boolean enter(@Param(name = "other") int which) {
            bench.floor.lock.lock();
            try {
                if (entered[which]) {
                    return false;
                }
                entered[which] = bench.offers.offer(lane, List.of(entries.get(which)), new @Nullable Object[1]);
                return entered[which];
            } finally {
                bench.floor.lock.unlock();
            }
        }

        @Operation
        public boolean start() {
            return entries.get(0).move(Execution.QUEUED, Execution.RUNNING);
        }

        @Operation
        public boolean finish() {
            boolean[] done = new boolean[1];
            bench.locked(() -> {
                Entry<Integer> first = entries.get(0);
                if (first.move(Execution.RUNNING, Execution.CONCLUDING)) {
                    first.decide(Outcome.accept());
                    conclude(first);
                    done[0] = true;
                }
            });
            return done[0];
        }

        @SuppressWarnings("GuardedBy") // locked() holds it
        private void conclude(Entry<Integer> entry) {
            bench.dispatcher.conclusions().conclude(entry);
        }

        @Operation
        public void release() {
            bench.drainage.releaseUnstarted();
        }

        @Operation
        public int settled(@Param(name = "one") int which) {
            return bench.answers.settled(lane, List.of(entries.get(which)));
        }

        @Operation
        public int unsettled(@Param(name = "one") int which) {
            return bench.answers.unsettled(lane, List.of(entries.get(which)), Failure.unknown("test", null));
        }

        @Operation
        public int refused(@Param(name = "one") int which) {
            return bench.answers.unsettled(lane, List.of(entries.get(which)), Failure.refused("test", null));
        }

        @Operation
        public int revoke() {
            bench.floor.lock.lock();
            try {
                bench.answers.revoke(lane, RevokeReason.REASSIGNED);
                return 10 * lane.unstartedAtRevoke + lane.runningAtRevoke;
            } finally {
                bench.floor.lock.unlock();
            }
        }

        @Operation
        public int fence() {
            bench.floor.lock.lock();
            try {
                return lane.isRevoked() ? bench.answers.fence(lane) : -1;
            } finally {
                bench.floor.lock.unlock();
            }
        }

        @Operation
        public String counts() {
            ConsumerSnapshot now = bench.drainage.snapshot(
                    "test",
                    ConsumerState.RUNNING,
                    new ConsumerSnapshot(
                            "test", ConsumerState.NEW, Counts.NONE, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, Set.of(), Map.of()));
            return text(now.held(), now.settling(), now.lateOutcomes(), now.counts());
        }

        static String text(long held, long settling, long late, Counts counts) {
            return held + " held " + settling + " settling " + late + " late " + counts;
        }
    }

    /** What it should do, one after another. */
    public static class Model {

        private enum Stage {
            OUT,
            QUEUED,
            RUNNING,
            SETTLING_ACCEPT,
            SETTLING_RELEASE,
            GONE
        }

        private final Stage[] stages = {Stage.QUEUED, Stage.OUT, Stage.OUT};
        /** The handler of the first runs though its fate is decided. */
        private boolean orphan;

        private int revokedAnswer = -1;
        private long received = 1;
        private long accepted;
        private long released;
        private long revoked;
        private long unconfirmed;
        private long late;

        public boolean enter(int which) {
            if (revokedAnswer >= 0 || stages[which] != Stage.OUT) {
                return false;
            }
            stages[which] = Stage.QUEUED;
            received++;
            return true;
        }

        public boolean start() {
            if (stages[0] != Stage.QUEUED) {
                return false;
            }
            stages[0] = Stage.RUNNING;
            return true;
        }

        public boolean finish() {
            if (stages[0] == Stage.RUNNING) {
                stages[0] = Stage.SETTLING_ACCEPT;
                return true;
            }
            boolean was = orphan;
            late += was ? 1 : 0;
            orphan = false;
            return was;
        }

        public void release() {
            for (int i = 0; i < 3; i++) {
                if (stages[i] == Stage.QUEUED) {
                    stages[i] = Stage.SETTLING_RELEASE;
                }
            }
        }

        public int settled(int which) {
            switch (stages[which]) {
                case SETTLING_ACCEPT -> accepted++;
                case SETTLING_RELEASE -> released++;
                default -> {
                    return 1;
                }
            }
            stages[which] = Stage.GONE;
            return 0;
        }

        public int unsettled(int which) {
            if (stages[which] != Stage.SETTLING_ACCEPT && stages[which] != Stage.SETTLING_RELEASE) {
                return 1;
            }
            unconfirmed++;
            stages[which] = Stage.GONE;
            return 0;
        }

        public int refused(int which) {
            int strange = unsettled(which);
            if (strange == 0) {
                unconfirmed--;
                revoked++;
            }
            return strange;
        }

        public int revoke() {
            if (revokedAnswer >= 0) {
                return revokedAnswer;
            }
            revokedAnswer = 0;
            for (int i = 0; i < 3; i++) {
                if (stages[i] == Stage.QUEUED) {
                    revokedAnswer += 10;
                    revoked++;
                    stages[i] = Stage.GONE;
                } else if (stages[i] == Stage.RUNNING) {
                    revokedAnswer++;
                }
            }
            return revokedAnswer;
        }

        public int fence() {
            if (revokedAnswer < 0) {
                return -1;
            }
            int cut = 0;
            for (int i = 0; i < 3; i++) {
                if (stages[i] == Stage.RUNNING) {
                    orphan = true;
                    revoked++;
                    cut++;
                    stages[i] = Stage.GONE;
                }
            }
            return cut;
        }

        public String counts() {
            long held = count(Stage.QUEUED) + count(Stage.RUNNING);
            long settling = count(Stage.SETTLING_ACCEPT) + count(Stage.SETTLING_RELEASE);
            return Subject.text(
                    held, settling, late, new Counts(received, accepted, 0, 0, released, revoked, unconfirmed, 0));
        }

        private long count(Stage stage) {
            long count = 0;
            for (Stage it : stages) {
                count += it == stage ? 1 : 0;
            }
            return count;
        }
    }
}
