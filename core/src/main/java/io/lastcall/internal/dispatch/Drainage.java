package io.lastcall.internal.dispatch;

import io.lastcall.ConsumerSnapshot;
import io.lastcall.ConsumerState;
import io.lastcall.Counts;
import io.lastcall.DrainMode;
import io.lastcall.StopReason;
import io.lastcall.Straggler;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Fate;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.internal.account.Strand;
import io.lastcall.internal.dispatch.Floor.Afoot;
import io.lastcall.message.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a drain does to the floor, step by step; the order of the steps is the drain sequence's business. Safe for any thread. */
@SuppressWarnings(
        "GuardedBy") // changing() and reading() hold the lock around what they are given; the checker cannot see it
public final class Drainage<R> {

    private final Floor<R> floor;
    private final Dispatcher<R> dispatcher;
    private final Watch<R> watch;

    public Drainage(Floor<R> floor, Dispatcher<R> dispatcher) {
        this.floor = floor;
        this.dispatcher = dispatcher;
        this.watch = new Watch<>(floor, dispatcher);
    }

    /**
     * From now on nothing is wanted, and only starts what the mode lets start. Called again it can only harden, whichever thread
     * comes last (I8).
     *
     * @param tell when handlers are asked to end
     */
    public void begin(DrainMode asked, long tell) {
        changing(() -> {
            DrainMode mode = floor.mode == null ? asked : floor.mode.merge(asked);
            floor.mode = mode;
            floor.draining = true;
            floor.finishAll = mode == DrainMode.FINISH_ALL;
            Starts allowed = !mode.startsMore() ? Starts.NONE : floor.finishAll ? Starts.ALL : Starts.FITTING;
            floor.starts = floor.starts.harder(allowed);
            if (!floor.finishAll) {
                floor.limitHandlersTo(tell);
            }
            if (mode == DrainMode.FINISH_BY_PRIORITY) {
                floor.unordered.orderByPriority();
                floor.ready.orderByPriority();
            }
            if (floor.starts == Starts.NONE) {
                recall();
            }
            floor.room.changed.signalAll();
        });
    }

    /** Takes from workers what they have not begun (I8). */
    private void recall() {
        floor.crew.all.stream().filter(worker -> worker.busy).forEach(dispatcher::recall);
    }

    /** Nothing more is taken in. */
    public void refuseOffers() {
        changing(() -> floor.room.accepting = false);
    }

    /** Nothing more starts. */
    public void startNothing() {
        changing(() -> {
            floor.starts = Starts.NONE;
            floor.unfit = false;
            recall();
        });
    }

    /** Gives back all that has not started, in offer order; what is in admission follows when that is answered. */
    public void releaseUnstarted() {
        changing(() -> {
            Set<Strand<R>> touched = new LinkedHashSet<>();
            for (LaneBook<R> lane : floor.lanes) {
                for (Entry<R> entry : lane.entries()) {
                    if (floor.takeUnstarted(entry)) {
                        floor.tell(entry, Outcome.release());
                        touched.add(floor.strandOf(entry));
                    }
                }
            }
            List.copyOf(floor.admitted).forEach(this::giveUp);
            List.copyOf(floor.putOff.keySet()).forEach(dispatcher.admissions()::askNoLonger);
            dispatcher.conclusions().concludeNoLater();
            for (Strand<R> strand : touched) {
                strand.sweep();
                floor.tidy(strand);
            }
        });
    }

    private void giveUp(Entry<R> entry) {
        if (floor.takeAdmitted(entry)) {
            if (entry.fate() == Fate.HELD) {
                floor.tell(entry, Outcome.release());
            }
            floor.ended(entry);
        }
    }

    /** Gives back what is in back-off, and what waits behind it in order: a drain does not wait for it. */
    public void releaseWaiting() {
        changing(() -> {
            for (Entry<R> entry : List.copyOf(floor.backOffs.keySet())) {
                if (floor.takeUnstarted(entry)) {
                    floor.tell(entry, Outcome.release());
                    dispatcher.conclusions().releaseFollowers(floor.strandOf(entry));
                }
            }
            List.copyOf(floor.putOff.keySet()).forEach(dispatcher.admissions()::askNoLonger);
            dispatcher.conclusions().concludeNoLater();
        });
    }

    /** Whether something was left because it would not end in time. */
    public boolean isUnfit() {
        return reading(() -> floor.unfit);
    }

    /** Nothing held, nothing running, no call under way. */
    public boolean isQuiet() {
        return reading(floor::isQuiet);
    }

    /** Settle and extend calls that are under way. */
    public int callsUnderWay() {
        return reading(() -> floor.calls);
    }

    /** Lets no extension begin any more, if no call is under way or it has to be; whether it did (I5). */
    public boolean seal(boolean regardless) {
        return reading(() -> {
            floor.sealed |= regardless || floor.calls == 0;
            return floor.sealed;
        });
    }

    /** Asks all handlers to end, and settles what long runs have done. */
    public void tellHandlers(StopReason reason) {
        changing(() -> {
            floor.crew.all.stream().filter(worker -> worker.busy).forEach(watch::relieve);
            for (LaneBook<R> lane : floor.lanes) {
                for (Entry<R> entry : lane.entries()) {
                    if (entry.fate() == Fate.HELD) {
                        entry.tell(reason);
                    }
                }
            }
        });
    }

    /** Interrupts handlers that were asked to end; returns how to cancel those that hold no thread. */
    public List<Runnable> interrupt() {
        List<Runnable> cancels = new ArrayList<>();
        floor.interrupting = true;
        floor.lock.lock();
        try {
            for (Worker<R> worker : floor.crew.all) {
                Entry<R> current = worker.busy ? worker.current() : null;
                Thread thread = worker.thread();
                if (current != null && current.told() != null && thread != null) {
                    thread.interrupt();
                }
            }
            floor.afoot.forEach((entry, afoot) -> {
                if (entry.told() != null && afoot.cancel() != null) {
                    cancels.add(afoot.cancel());
                }
            });
        } finally {
            floor.lock.unlock();
        }
        return cancels;
    }

    /** Revoked lanes have nothing to wait for any more. */
    public void endRevocations() {
        changing(() -> {
            for (LaneBook<R> lane : floor.lanes) {
                if (lane.isRevoked() && !lane.finished.isDone()) {
                    floor.finished.add(lane);
                }
            }
        });
    }

    /** Gives up what is still held: ABANDONED. */
    public List<Straggler> abandon() {
        List<Straggler> stragglers = new ArrayList<>();
        changing(() -> {
            floor.crew.all.stream().filter(worker -> worker.busy).forEach(watch::relieve);
            for (LaneBook<R> lane : List.copyOf(floor.lanes)) {
                for (Entry<R> entry : lane.entries()) {
                    if (entry.fate() == Fate.HELD) {
                        lane.move(entry, Fate.ABANDONED);
                        stragglers.add(describe(entry));
                    }
                }
                floor.lookAt(lane);
            }
            orphans().forEach(entry -> stragglers.add(describe(entry)));
        });
        return stragglers;
    }

    /** Handlers that still run though their deliveries were taken back. */
    private List<Entry<R>> orphans() {
        List<Entry<R>> orphans = new ArrayList<>();
        for (Worker<R> worker : floor.crew.all) {
            Entry<R> current = worker.busy ? worker.current() : null;
            if (current != null && current.fate() == Fate.REVOKED) {
                orphans.add(current);
            }
        }
        floor.afoot.keySet().stream()
                .filter(entry -> entry.fate() == Fate.REVOKED)
                .forEach(orphans::add);
        return orphans;
    }

    /** Gives up those whose handler waits for the JVM's end, which waits for us. */
    public List<Straggler> abandonExiting() {
        List<Straggler> stragglers = new ArrayList<>();
        changing(() -> {
            for (Worker<R> worker : floor.crew.all) {
                Entry<R> current = worker.busy ? worker.current() : null;
                Thread thread = worker.thread();
                if (current != null && thread != null && current.fate() == Fate.HELD && exits(thread)) {
                    stragglers.add(describe(current));
                    dispatcher.recall(worker);
                    current.lane().move(current, Fate.ABANDONED);
                    // Runtime.exit never returns, so nobody else will count this entry as ended.
                    floor.picked--;
                }
            }
        });
        return stragglers;
    }

    private static boolean exits(Thread thread) {
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getClassName().equals("java.lang.Runtime")
                    && frame.getMethodName().equals("exit")) {
                return true;
            }
        }
        return false;
    }

    private Straggler describe(Entry<R> entry) {
        long now = floor.host.nanoTime();
        String id = entry.delivery().message().id();
        for (Worker<R> worker : floor.crew.all) {
            Thread thread = worker.thread();
            if (worker.busy && worker.current() == entry && thread != null) {
                return new Straggler(
                        id,
                        Duration.ofNanos(now - worker.mark()),
                        Optional.of(thread.getName()),
                        List.of(thread.getStackTrace()));
            }
        }
        @Nullable Afoot afoot = floor.afoot.get(entry);
        long since = afoot == null ? now : afoot.since();
        return new Straggler(id, Duration.ofNanos(now - since), Optional.empty(), List.of());
    }

    // ---- reading ----

    /** What became of the deliveries of this run. */
    public Counts counts() {
        return reading(() -> floor.sum.counts());
    }

    /** I1, in every open lane and in sum. */
    public boolean addsUp() {
        return reading(() -> floor.sum.addsUp() && floor.lanes.stream().allMatch(lane -> lane.tally.addsUp()));
    }

    /** One consistent reading; {@code before} is what earlier runs counted. */
    public ConsumerSnapshot snapshot(String name, ConsumerState state, ConsumerSnapshot before) {
        return reading(() -> {
            Map<String, Long> lanes = new TreeMap<>();
            for (LaneBook<R> lane : floor.lanes) {
                lanes.merge(lane.id.name(), (long) lane.tally.held() + lane.tally.settling(), Long::sum);
            }
            return new ConsumerSnapshot(
                    name,
                    state,
                    before.counts().plus(floor.sum.counts()),
                    floor.sum.held(),
                    floor.sum.settling(),
                    floor.crew.slots,
                    floor.waiting,
                    floor.crew.concurrency,
                    floor.room.limit,
                    before.refusedOffers() + floor.refusedOffers,
                    before.lateOutcomes() + floor.lateOutcomes,
                    before.retriesInProcess() + floor.retriesInProcess,
                    before.dropped() + floor.dropped,
                    floor.room.pauses,
                    lanes);
        });
    }

    private interface Reading<T> {
        T read();
    }

    private <T> T reading(Reading<T> reading) {
        floor.lock.lock();
        try {
            return reading.read();
        } finally {
            floor.lock.unlock();
        }
    }

    private void changing(Runnable change) {
        Due<R> due;
        floor.lock.lock();
        try {
            change.run();
            due = floor.due();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
    }
}
