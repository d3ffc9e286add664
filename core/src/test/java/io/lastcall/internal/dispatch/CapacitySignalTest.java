package io.lastcall.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Fate;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.spi.RevokeReason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * I11 under Lincheck. Whether an operation fires the signal is decided under its lock, and the {@link StepHost} runs the signal on
 * the thread that fires it: so each operation returns how often it fired, and the whole is linearizable. {@link Model} is the
 * sequential specification; a signal that is lost, or fires twice, or fires before its time, is a result that no order of the
 * operations gives.
 */
class CapacitySignalTest {

    private static final int LIMIT = 8;
    private static final int BOUND = 10;

    @Test
    void i11_each_armed_signal_fires_once_under_stress() {
        new StressOptions()
                .iterations(2)
                .invocationsPerIteration(Scenario.effort(1_000))
                .minimizeFailedScenario(false)
                .threads(2)
                .actorsPerThread(3)
                .actorsBefore(3)
                .actorsAfter(2)
                .sequentialSpecification(Model.class)
                .check(Subject.class);
    }

    @Test
    void i11_each_armed_signal_fires_once_in_all_interleavings_tried() {
        new ModelCheckingOptions()
                .iterations(0)
                .invocationsPerIteration(Scenario.effort(100))
                .addCustomScenario(Scenario.of(Subject.class, "pause", "read")
                        .race("resume", "limit 5")
                        .then("read"))
                .addCustomScenario(Scenario.of(Subject.class, "limit 1", "offer 1")
                        .race("read", "release")
                        .then("read", "resume"))
                .minimizeFailedScenario(false)
                .sequentialSpecification(Model.class)
                .check(Subject.class);
    }

    @Test
    void i11_who_awaits_capacity_of_a_lane_wakes_when_it_is_revoked() throws Exception {
        Bench bench = new Bench(0, 1, new QuietDuties());
        LaneBook<Integer> lane = bench.lane(BOUND);
        bench.offer(lane, null, 1);
        CountDownLatch ready = new CountDownLatch(1);
        FutureTask<Integer> waiting = new FutureTask<>(() -> {
            ready.countDown();
            return bench.offers.awaitCapacity(lane, TimeUnit.MINUTES.toNanos(10));
        });
        Thread waiter = new Thread(waiting, "waiter");
        waiter.start();
        ready.await();
        bench.locked(() -> assertThat(lane.isRevoked()).isFalse());
        bench.answers.revoke(lane, RevokeReason.REASSIGNED);
        assertThat(waiting.get(10, TimeUnit.SECONDS)).isZero();
    }

    /** What is tried: the real floor; no worker ever runs, so that what is offered stays startable. */
    @Param(name = "many", gen = IntGen.class, conf = "1:3")
    @Param(name = "limit", gen = IntGen.class, conf = "1:12")
    public static class Subject {

        private final ThreadLocal<int[]> fired = ThreadLocal.withInitial(() -> new int[1]);
        private final Bench bench = new Bench(0, LIMIT, new QuietDuties());
        private final LaneBook<Integer> lane = bench.lane(BOUND);

        public Subject() {
            bench.floor.onCapacity(() -> fired.get()[0]++);
        }

        private int firedIn(Runnable operation) {
            int before = fired.get()[0];
            operation.run();
            return fired.get()[0] - before;
        }

        @Operation
        public int read() {
            return bench.offers.capacity(lane);
        }

        @Operation
        public int offer(@Param(name = "many") int many) {
            return firedIn(() -> bench.offer(lane, null, many));
        }

        @Operation
        public int release() {
            return firedIn(bench.drainage::releaseUnstarted);
        }

        @Operation
        public int settle() {
            return firedIn(() -> {
                bench.floor.lock.lock();
                try {
                    List<Entry<Integer>> open = new ArrayList<>(lane.entries());
                    open.removeIf(entry -> entry.fate() != Fate.SETTLING);
                    bench.answers.settled(lane, open);
                } finally {
                    bench.floor.lock.unlock();
                }
            });
        }

        @Operation
        public int pause() {
            return firedIn(() -> bench.offers.pause("operator", true));
        }

        @Operation
        public int resume() {
            return firedIn(() -> bench.offers.pause("operator", false));
        }

        @Operation
        public int limit(@Param(name = "limit") int limit) {
            return firedIn(() -> bench.offers.limit(limit));
        }
    }

    /** What it should do, one after another. */
    public static class Model {

        private int held;
        private int settling;
        private int limit = LIMIT;
        private boolean paused;
        private boolean armed;

        private int room() {
            return paused ? 0 : limit - held;
        }

        private int roomOfLane() {
            return Math.min(room(), BOUND - held - settling);
        }

        private int fires() {
            boolean past = room() > 0 && (held == 0 || room() >= Math.max(1, limit / 4));
            if (armed && past && roomOfLane() > 0) {
                armed = false;
                return 1;
            }
            return 0;
        }

        public int read() {
            armed |= roomOfLane() <= 0;
            return roomOfLane();
        }

        public int offer(int many) {
            held += many;
            return fires();
        }

        public int release() {
            settling += held;
            held = 0;
            return fires();
        }

        public int settle() {
            settling = 0;
            return fires();
        }

        public int pause() {
            paused = true;
            return fires();
        }

        public int resume() {
            paused = false;
            return fires();
        }

        public int limit(int limit) {
            this.limit = limit;
            return fires();
        }
    }
}
