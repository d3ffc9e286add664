package io.lastcall.internal.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.DrainMode;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Execution;
import io.lastcall.internal.account.Fate;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.internal.account.Probe;
import io.lastcall.internal.account.Strand;
import io.lastcall.internal.account.Tally;
import io.lastcall.internal.time.Host;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Capability;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Everything one run holds, and the one lock over it: lanes and their entries, strands, slots, what is under way. The operations
 * stand in {@link Offers}, {@link Dispatcher}, {@link Answers}, {@link Leases} and {@link Drainage}; each takes the lock once,
 * decides, and does what is {@link Due} after it (I3).
 *
 * <ul>
 *   <li><b>I1</b> received = held + settling + ended, in the lane and in sum: {@link Tally} moves both at once.
 *   <li><b>I2</b> the execution moves by compare-and-set, the fate under the lock, both along their arrows only.
 *   <li><b>I4</b> an entry is told to the source by whoever moves it to SETTLING, in {@link #tell}.
 *   <li><b>I7</b> an exclusive strand with a pin is not startable; a pin lasts from the picking to the end of what was picked.
 * </ul>
 */
public final class Floor<R> implements LaneBook.Surroundings {

    final Host host;
    /** The broker hands out again what it is given back, while we go on. */
    final boolean redelivers;
    /** And can wait before it does. */
    final boolean delays;

    final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    final Tally sum = new Tally();

    @GuardedBy("lock")
    final List<LaneBook<R>> lanes = new ArrayList<>();

    @GuardedBy("lock")
    final Strands<R> strands = new Strands<>();

    @GuardedBy("lock")
    final Strand<R> unordered = new Strand<>();

    @GuardedBy("lock")
    final Ready<R> ready = new Ready<>();
    /** Admitted, and next to start. */
    @GuardedBy("lock")
    final ArrayDeque<Entry<R>> admitted = new ArrayDeque<>();

    @GuardedBy("lock")
    final Room<R> room;

    @GuardedBy("lock")
    final Crew<R> crew;

    @GuardedBy("lock")
    final Pace pace = new Pace();
    /** Lanes with something to tell. */
    @GuardedBy("lock")
    final List<LaneBook<R>> tellers = new ArrayList<>();
    /** Entries whose outcome is to be made to hold. */
    @GuardedBy("lock")
    final List<Entry<R>> concluding = new ArrayList<>();
    /** Timers of what is in back-off. */
    @GuardedBy("lock")
    final Map<Entry<R>, Host.Timer> backOffs = new LinkedHashMap<>();
    /** What holds no thread: asynchronous handlers, admissions, conclusions. */
    @GuardedBy("lock")
    final Map<Entry<R>, Afoot> afoot = new LinkedHashMap<>();

    @GuardedBy("lock")
    final List<LaneBook<R>> finished = new ArrayList<>();

    /** Entries picked by workers and not ended, or afoot. */
    @GuardedBy("lock")
    int picked;
    /** Settle and extend calls that have not returned or not been answered. */
    @GuardedBy("lock")
    int calls;

    @GuardedBy("lock")
    int waiting;

    @GuardedBy("lock")
    long refusedOffers;

    @GuardedBy("lock")
    long lateOutcomes;

    @GuardedBy("lock")
    long retriesInProcess;

    @GuardedBy("lock")
    long dropped;

    /** A drain has begun: capacity is zero, and it wants to hear of quiet. */
    @GuardedBy("lock")
    boolean draining;

    /** The hardest mode asked for; null before a drain. */
    @GuardedBy("lock")
    @Nullable
    DrainMode mode;

    @GuardedBy("lock")
    boolean finishAll;

    @GuardedBy("lock")
    Starts starts = Starts.ALL;
    /** Something was left because it would not end in time. */
    @GuardedBy("lock")
    boolean unfit;
    /** What goes on from run to run. */
    final Legacy<R> legacy = new Legacy<>(this);
    /** Admissions that were put off, and when they are asked for again. */
    @GuardedBy("lock")
    final Map<Entry<R>, Host.Timer> putOff = new LinkedHashMap<>();
    /** Conclusions that failed, and when they are tried again. */
    @GuardedBy("lock")
    final Map<Entry<R>, Host.Timer> concludeLater = new LinkedHashMap<>();
    /** The source is being closed: no extension is begun any more (I5). */
    @GuardedBy("lock")
    boolean sealed;
    /** When handlers are asked to end; Long.MAX_VALUE while nothing limits them. Written under the lock, read by handlers. */
    private volatile long handlersUntil = Long.MAX_VALUE;
    /** Interrupts may be under way. Written under the lock, read by workers. */
    volatile boolean interrupting;
    /** Set once, before the first lane opens. */
    private volatile @Nullable Runnable roomSignal;
    /** Set once, before the run starts. */
    private volatile Runnable quietSignal = () -> {};
    /** Set once, before the run starts. */
    private volatile @Nullable Duties<R> duties;
    /** Set once, before the run starts. */
    private volatile @Nullable Dispatcher<R> dispatcher;

    private final @Nullable Probe probe;

    /** Work that holds no thread: since when, and how to cancel it. */
    record Afoot(long since, @Nullable Runnable cancel) {}

    public Floor(Host host, int concurrency, int limit, Set<Capability> broker, @Nullable Probe probe) {
        this.host = host;
        this.crew = new Crew<>(concurrency, host.processors());
        this.room = new Room<>(this, limit);
        this.redelivers = broker.contains(Capability.REDELIVERY);
        this.delays = broker.contains(Capability.DELAYED_REDELIVERY);
        this.probe = probe;
    }

    /** Connects the floor with what its workers do and with the drain. Called once, before anything else. */
    public void furnish(Dispatcher<R> dispatcher, Duties<R> duties, Runnable quietSignal) {
        this.dispatcher = dispatcher;
        this.duties = duties;
        this.quietSignal = quietSignal;
    }

    private Dispatcher<R> dispatcher() {
        Dispatcher<R> given = dispatcher;
        if (given == null) {
            throw new AssertionError("the floor is not furnished");
        }
        return given;
    }

    /** How long a handling takes, a little old: workers read it without the lock. */
    @SuppressWarnings("GuardedBy") // a volatile field of its own
    long expectedNanos() {
        return pace.expected();
    }

    Duties<R> duties() {
        Duties<R> given = duties;
        if (given == null) {
            throw new AssertionError("the floor is not furnished");
        }
        return given;
    }

    public void onCapacity(Runnable signal) {
        roomSignal = signal;
    }

    @GuardedBy("lock")
    void limitHandlersTo(long nanoTime) {
        if (handlersUntil == Long.MAX_VALUE || nanoTime - handlersUntil < 0) {
            handlersUntil = nanoTime;
        }
    }

    @Override
    public long handlersHave() {
        long until = handlersUntil;
        return until == Long.MAX_VALUE ? until : until - host.nanoTime();
    }

    @Override
    public @Nullable Probe probe() {
        return probe;
    }

    /** For methods that are called under the lock from another class. */
    void mustHold() {
        assert lock.isHeldByCurrentThread() : "the floor's lock is not held";
    }

    /** Whether the current thread is inside of the lock, so that it must call nobody (I3). For simulations. */
    public boolean isEntered() {
        return lock.isHeldByCurrentThread();
    }

    // ---- moves that several operations share ----

    /** Decides a held entry: HELD to SETTLING, to be told to the source after the lock. */
    @GuardedBy("lock")
    void tell(Entry<R> entry, Outcome outcome) {
        entry.decide(outcome);
        if (entry.extending && (outcome instanceof Outcome.Release || outcome instanceof Outcome.Retry)) {
            // I9: an extension that arrives after the release would hide the message again.
            entry.deferred = true;
            return;
        }
        LaneBook<R> lane = entry.lane();
        if (!lane.hasTelling()) {
            tellers.add(lane);
        }
        lane.tell(entry);
    }

    /** The settle calls that are due; each counts as under way until {@link #returned}. */
    @GuardedBy("lock")
    void takeTellings(List<Telling<R>> into) {
        for (LaneBook<R> lane : tellers) {
            into.add(new Telling<>(lane, lane.takeTelling()));
            lane.settleCalls++;
            calls++;
        }
        tellers.clear();
    }

    /** Settle calls have returned. */
    @GuardedBy("lock")
    void returned(List<Telling<R>> tellings) {
        for (Telling<R> telling : tellings) {
            telling.lane().settleCalls--;
            calls--;
            lookAt(telling.lane());
        }
    }

    /** Takes a held entry that has not started out of the running; false when a worker was first. */
    @GuardedBy("lock")
    boolean takeUnstarted(Entry<R> entry) {
        Execution at = entry.execution();
        if (entry.fate() != Fate.HELD || !(at == Execution.QUEUED || at == Execution.WAITING)) {
            return false;
        }
        if (!entry.move(at, Execution.DONE)) {
            return false;
        }
        if (at == Execution.WAITING) {
            waiting--;
            Host.Timer timer = backOffs.remove(entry);
            if (timer != null) {
                timer.cancel();
            }
            unpin(entry);
        }
        if (entry.admitted) {
            // I12: it was admitted for a try that will not come.
            host.work(() -> duties().giveUp(entry));
        }
        return true;
    }

    /** Takes an entry out that was admitted and waits for a slot; false when it is not there. */
    @GuardedBy("lock")
    boolean takeAdmitted(Entry<R> entry) {
        if (!admitted.remove(entry) || !entry.move(Execution.ADMITTING, Execution.DONE)) {
            return false;
        }
        host.work(() -> duties().giveUp(entry));
        return true;
    }

    /** Takes an admitted entry from the worker that is about to start it, and which ends it; false when it was first. */
    @GuardedBy("lock")
    boolean takeFromWorker(Entry<R> entry) {
        if (!entry.move(Execution.ADMITTING, Execution.DONE)) {
            return false;
        }
        host.work(() -> duties().giveUp(entry));
        return true;
    }

    /** What was picked of a strand has ended. */
    @GuardedBy("lock")
    void unpin(Entry<R> entry) {
        Strand<R> strand = strandOf(entry);
        strand.pins--;
        tidy(strand);
    }

    /** Puts a strand where it belongs: among the ready, or nowhere, or out of the table. */
    @GuardedBy("lock")
    void tidy(Strand<R> strand) {
        boolean startable = strand.isStartable();
        if (startable && !strand.ready) {
            ready.addLast(strand);
        } else if (!startable) {
            if (strand.ready) {
                ready.remove(strand);
            }
            if (strand.exclusive && strand.key != null && strand.pins == 0) {
                strands.remove(strand);
            }
        }
    }

    /** Nothing of ours runs for the entry any more. A late outcome is counted and dropped (I6). */
    @GuardedBy("lock")
    void ended(Entry<R> entry) {
        picked--;
        legacy.ended(entry);
        boolean unanswered = entry.fate() == Fate.SETTLING || entry.deferred;
        if (unanswered && entry.lane().rules.holdKeyUntilSettled()) {
            entry.holdsKey = true;
        } else {
            unpin(entry);
        }
    }

    Strand<R> strandOf(Entry<R> entry) {
        Strand<R> strand = entry.strand;
        if (strand == null) {
            throw new AssertionError(entry + " has no strand");
        }
        return strand;
    }

    /** A revoked lane may have nothing left to wait for. */
    @GuardedBy("lock")
    void lookAt(LaneBook<R> lane) {
        if (lane.isRevoked() && lane.isQuiet() && !lane.finished.isDone()) {
            finished.add(lane);
        }
        if (lane.isRevoked() && lane.tally.held() == 0 && lane.tally.settling() == 0 && lane.fenced) {
            lanes.remove(lane);
        }
    }

    /** Whether nothing is held, nothing runs, and no call is under way. */
    @GuardedBy("lock")
    boolean isQuiet() {
        return sum.held() == 0 && picked == 0 && calls == 0;
    }

    @GuardedBy("lock")
    boolean mayStart() {
        return starts != Starts.NONE && !(starts == Starts.FITTING && unfit) && !backOffFull();
    }

    /** Whether one more worker would find something to start. */
    @GuardedBy("lock")
    boolean hasMoreWork() {
        return crew.hasSlot() && mayStart() && !(ready.isEmpty() && admitted.isEmpty());
    }

    /** I10: what waits holds at most half of the limit; a broker that cannot wait for us makes the rest wait too. */
    @GuardedBy("lock")
    boolean backOffFull() {
        return waiting >= room.half() && !delays && !draining;
    }

    // ---- what is due ----

    @GuardedBy("lock")
    @Nullable
    Due<R> due() {
        Worker<R> worker = null;
        if (hasMoreWork()) {
            if (crew.suffices(pace)) {
                dispatcher().watch();
            } else {
                worker = wake();
            }
        }
        boolean roomy = room.isToBeSignalled();
        if (roomy) {
            room.disarm();
        }
        boolean quiet = draining && (isQuiet() || unfit);
        if (worker == null && !roomy && !quiet && finished.isEmpty() && tellers.isEmpty() && concluding.isEmpty()) {
            return null;
        }
        List<Telling<R>> tellings = new ArrayList<>();
        takeTellings(tellings);
        Due<R> due = new Due<>(worker, roomy, quiet, tellings, List.copyOf(concluding), List.copyOf(finished));
        concluding.clear();
        finished.clear();
        return due;
    }

    @GuardedBy("lock")
    private Worker<R> wake() {
        Worker<R> worker = crew.wake();
        if (worker == null) {
            worker = new Worker<>(this, dispatcher());
            crew.all.add(worker);
        }
        return worker;
    }

    /** Does after the lock what became due under it. */
    void perform(@Nullable Due<R> due) {
        if (due == null) {
            return;
        }
        if (due.worker() != null) {
            host.work(due.worker());
        }
        if (!due.tellings().isEmpty() || !due.concluding().isEmpty()) {
            host.work(() -> tellSource(due));
        }
        Runnable signal = roomSignal;
        if (due.room() && signal != null) {
            host.work(signal);
        }
        if (due.quiet()) {
            host.control(quietSignal);
        }
        if (!due.finished().isEmpty()) {
            host.work(() -> due.finished().forEach(lane -> lane.finished.complete(null)));
        }
    }

    private void tellSource(Due<R> due) {
        due.tellings().forEach(telling -> duties().settle(telling.lane(), telling.run()));
        due.concluding().forEach(entry -> duties().conclude(entry));
        if (due.tellings().isEmpty()) {
            return;
        }
        Due<R> next;
        lock.lock();
        try {
            returned(due.tellings());
            next = due();
        } finally {
            lock.unlock();
        }
        perform(next);
    }

    /** Leaves what still runs here to the next run. */
    public void bequeath(Floor<R> next) {
        legacy.bequeath(next.legacy);
    }

    @GuardedBy("lock")
    Strand<R> strandFor(@Nullable Object key, int hash) {
        return key == null ? unordered : strands.of(key, hash);
    }

    /** Which of the lanes' rules make a release cost something. */
    public boolean releaseIsFree() {
        lock.lock();
        try {
            return lanes.stream().allMatch(lane -> lane.rules.freeRelease());
        } finally {
            lock.unlock();
        }
    }
}
