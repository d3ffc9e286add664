package io.lastcall.internal.account;

import io.lastcall.HandlingContext;
import io.lastcall.StopReason;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Settlement;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One held delivery: the core's only object for it, and at once what the source settles and what the handler asks. The execution
 * moves by compare-and-set, the fate under the floor's lock (I2); links and marks are guarded by that lock.
 */
public final class Entry<R> implements Settlement<R>, HandlingContext {

    private static final VarHandle EXECUTION;

    static {
        try {
            EXECUTION = MethodHandles.lookup().findVarHandle(Entry.class, "execution", Execution.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Delivery<R> delivery;
    private final LaneBook<R> lane;
    /** The next of its strand while it is queued. */
    public @Nullable Entry<R> next;
    /** What it queues in; set by the offer. */
    public @Nullable Strand<R> strand;
    /** Neighbours in the lane. */
    @Nullable
    Entry<R> before;

    @Nullable
    Entry<R> after;
    /** Written by whoever decides it: the worker while it runs, the floor's lock otherwise; read after a move that publishes it. */
    private @Nullable Outcome outcome;
    /** Moved by compare-and-set. */
    private volatile Execution execution = Execution.QUEUED;

    private Fate fate = Fate.HELD;
    /** Written under the lock, read by the handler. */
    private volatile @Nullable StopReason told;
    /** Tries in this process that have failed. */
    private volatile int tries;

    /** For a drain by priority. */
    public int priority;
    /** A lease extension is under way (I9). */
    public boolean extending;
    /** Decided, and told as soon as that extension is answered. */
    public boolean deferred;
    /** Has ended and holds its key until the broker has answered (I7). */
    public boolean holdsKey;
    /** Its next try is one beyond the first. */
    public boolean again;
    /** May run: it was admitted. */
    public boolean admitted;

    /** Its dead letter stands in the consumer's sink. */
    private boolean letterWritten;

    public Entry(Delivery<R> delivery, LaneBook<R> lane) {
        this.delivery = delivery;
        this.lane = lane;
    }

    @Override
    public Delivery<R> delivery() {
        return delivery;
    }

    public LaneBook<R> lane() {
        return lane;
    }

    @Override
    public Outcome outcome() {
        Outcome decided = outcome;
        if (decided == null) {
            throw new AssertionError("outcome of " + this + " is asked for before it is decided");
        }
        return decided;
    }

    @Override
    public int attempts() {
        return delivery.message().attempt() + Math.max(0, tries - 1);
    }

    @Override
    public boolean isLetterWritten() {
        return letterWritten;
    }

    /** Before it is told to the source. */
    public void writtenAsLetter() {
        letterWritten = true;
    }

    public @Nullable Outcome outcomeOrNull() {
        return outcome;
    }

    public void decide(@Nullable Outcome decided) {
        this.outcome = decided;
    }

    public Execution execution() {
        return execution;
    }

    public Fate fate() {
        return fate;
    }

    /** Moves the execution if it stands at {@code from}; false when another was first. */
    public boolean move(Execution from, Execution to) {
        if (!EXECUTION.compareAndSet(this, from, to)) {
            return false;
        }
        Probe probe = lane.surroundings.probe();
        if (probe != null) {
            probe.moved(from, to);
        }
        assert from.mayBecome(to) : from + " -> " + to;
        return true;
    }

    /** Moves the execution, which must stand at {@code from}. */
    public void mustMove(Execution from, Execution to) {
        if (!move(from, to)) {
            throw new AssertionError(this + " should be " + from + " to become " + to);
        }
    }

    Fate become(Fate to) {
        Fate from = fate;
        if (!from.mayBecome(to)) {
            throw new AssertionError(this + " cannot become " + to);
        }
        fate = to;
        Probe probe = lane.surroundings.probe();
        if (probe != null) {
            probe.moved(from, to);
        }
        return from;
    }

    /** Tells the handler to end; the first reason stays. */
    public void tell(StopReason reason) {
        if (told == null) {
            told = reason;
        }
    }

    public @Nullable StopReason told() {
        return told;
    }

    /** One more try has failed. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // only the one who concludes the try counts it
    public int failedAgain() {
        return ++tries;
    }

    public int tries() {
        return tries;
    }

    @Override
    public boolean stopping() {
        return told != null;
    }

    @Override
    public Optional<StopReason> why() {
        return Optional.ofNullable(told);
    }

    @Override
    public Duration timeLeft() {
        if (told != null) {
            return Duration.ZERO;
        }
        long nanos = lane.surroundings.handlersHave();
        return nanos == Long.MAX_VALUE ? UNLIMITED : Duration.ofNanos(Math.max(0, nanos));
    }

    @Override
    public int attempt() {
        return delivery.message().attempt() + tries;
    }

    @Override
    public String toString() {
        return "Entry[" + delivery.message().id() + " " + execution + "/" + fate + " of " + lane.id + "]";
    }
}
