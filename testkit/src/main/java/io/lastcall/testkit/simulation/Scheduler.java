package io.lastcall.testkit.simulation;

import io.lastcall.internal.time.Host;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Many threads played on one: tasks wait in a bag and in serial queues, the dice pick the next. Inside of a task {@link #interleave}
 * runs others nested, as if another thread acted meanwhile, and {@link #sleep} blocks a handler while all else goes on. The clock
 * moves when nothing is runnable, and by chance a little earlier. Not thread-safe.
 */
final class Scheduler {

    /** A frame deeper than this runs nothing nested. */
    private static final int DEEPEST = 6;
    /** How late tasks may run in all, compared with machines that are never busy. */
    private static final long MOST_LAG = 60_000_000;

    private static final long LAG = 15_000_000;
    private static final long LONGEST = 1L << 60;

    /** A thread that runs its tasks one after another. */
    static final class Serial {
        private final Place place;
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        private boolean busy;

        Serial(Place place) {
            this.place = place;
        }

        private boolean isRunnable() {
            return !busy && !tasks.isEmpty();
        }
    }

    private record Task(Place place, Runnable body) {}

    private static final class Due implements Host.Timer, Comparable<Due> {
        private final long at;
        private final long turn;
        private final @Nullable Serial serial;
        private final Runnable body;
        private boolean cancelled;

        Due(long at, long turn, @Nullable Serial serial, Runnable body) {
            this.at = at;
            this.turn = turn;
            this.serial = serial;
            this.body = body;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }

        @Override
        public int compareTo(Due other) {
            return at != other.at ? Long.compare(at, other.at) : Long.compare(turn, other.turn);
        }
    }

    /** What one task on the stack is doing. */
    private static final class Frame {
        Place place = Place.CLIENT;
        boolean handling;
        boolean interrupted;
        /** By how much the thread is late for what it does after the call it is in; Long.MAX_VALUE when it hangs. */
        long stalled;
    }

    final Dice dice;
    private final Consumer<Throwable> onError;
    /** Whether some lock of the engine is held, so that nothing else may run. */
    private final BooleanSupplier locked;
    /** How many of 64 chances run something nested. */
    private final int eagerness;

    private final long base;
    private final List<Task> bag = new ArrayList<>();
    private final List<Serial> serials = new ArrayList<>();
    private final PriorityQueue<Due> timers = new PriorityQueue<>();
    private final Frame[] frames = new Frame[64];
    private int depth;
    private long elapsed;
    private long turns;
    private long lag;
    private int steps;
    /** The fiber that has the baton; null while the schedule's own thread runs. */
    private @Nullable Fiber running;

    private final List<Fiber> fibers = new ArrayList<>();
    /** Called before and after each task. */
    private Runnable onStep = () -> {};

    Scheduler(Dice dice, Consumer<Throwable> onError, BooleanSupplier locked) {
        this.dice = dice;
        this.onError = onError;
        this.locked = locked;
        this.eagerness = dice.of(0, 4, 8, 16, 32);
        // A clock may stand anywhere, and may overflow.
        this.base = dice.of(0L, -1_000_000_000L, Long.MAX_VALUE - 2_000_000_000L, 123_456_789_000L);
        for (int i = 0; i < frames.length; i++) {
            frames[i] = new Frame();
        }
    }

    // ---- time ----

    /** Nanoseconds since the schedule began. */
    long elapsed() {
        return elapsed;
    }

    /** The engine's clock. */
    long nanoTime() {
        return base + elapsed;
    }

    long elapsedAt(long nanoTime) {
        return nanoTime - base;
    }

    int steps() {
        return steps;
    }

    /** The clock goes on while the current task is at work. */
    void spend(long nanos) {
        elapsed += nanos;
    }

    // ---- giving tasks ----

    Serial serial(Place place) {
        Serial serial = new Serial(place);
        serials.add(serial);
        return serial;
    }

    void give(Serial serial, Runnable body) {
        serial.tasks.add(body);
    }

    void give(Place place, Runnable body) {
        bag.add(new Task(place, body));
    }

    /** Runs the task on the serial thread when the clock has come to {@code at}; on a client thread where that is null. */
    Host.Timer at(long at, @Nullable Serial serial, Runnable body) {
        Due due = new Due(at, turns++, serial, body);
        timers.add(due);
        return due;
    }

    Host.Timer after(long nanos, Runnable body) {
        return at(elapsed + nanos, null, body);
    }

    /** Calls this before and after each task from now on. */
    void onStep(Runnable look) {
        onStep = look;
    }

    // ---- fibers ----

    /** Runs the task on a thread of its own that may block. */
    void launch(Place place, Runnable body) {
        Fiber fiber = new Fiber(this, place, body);
        fibers.add(fiber);
        ready(fiber);
    }

    private void ready(Fiber fiber) {
        give(fiber.place(), () -> {
            Fiber before = running;
            running = fiber;
            try {
                fiber.resume();
            } catch (Throwable e) {
                onError.accept(e);
            } finally {
                running = before;
            }
        });
    }

    /** Blocks the fiber that calls until the stage has completed, which it says, or the time is over. */
    boolean await(CompletionStage<?> stage, long nanos) {
        Fiber fiber = running;
        if (fiber == null) {
            throw new AssertionError("only a fiber may block");
        }
        CompletableFuture<?> awaited = stage.toCompletableFuture();
        if (awaited.isDone()) {
            return true;
        }
        boolean[] woken = new boolean[1];
        Runnable wake = () -> {
            if (!woken[0]) {
                woken[0] = true;
                ready(fiber);
            }
        };
        var unused = awaited.whenComplete((value, error) -> wake.run());
        // A wait for ever has no end; the sum must not overflow.
        Host.Timer timer = at(elapsed + Math.min(nanos, LONGEST), null, wake);
        while (!woken[0]) {
            fiber.block();
        }
        timer.cancel();
        return awaited.isDone();
    }

    /** What still blocks never ends; its threads are needed elsewhere. */
    void endFibers() {
        for (Fiber fiber : fibers) {
            running = fiber;
            fiber.end();
            running = null;
        }
    }

    // ---- running ----

    /** Runs one task, or moves the clock to the next timer if that is not after {@code until}; false when neither can be. */
    boolean step(long until) {
        ripen();
        int runnable = runnable();
        if (runnable == 0) {
            return leap(until);
        }
        if (dice.oneIn(128) && lag < MOST_LAG) {
            long before = elapsed;
            if (leap(Math.min(until, elapsed + LAG))) {
                lag += elapsed - before;
                return true;
            }
        }
        runAny(runnable);
        return true;
    }

    private boolean leap(long until) {
        Due next = next();
        if (next == null || next.at > until) {
            return false;
        }
        elapsed = Math.max(elapsed, next.at);
        ripen();
        return true;
    }

    private @Nullable Due next() {
        while (!timers.isEmpty() && timers.peek().cancelled) {
            timers.poll();
        }
        return timers.peek();
    }

    private void ripen() {
        for (Due due = next(); due != null && due.at <= elapsed; due = next()) {
            timers.poll();
            if (due.serial == null) {
                give(Place.CLIENT, due.body);
            } else {
                Due ripe = due;
                due.serial.tasks.add(() -> {
                    if (!ripe.cancelled) {
                        ripe.body.run();
                    }
                });
            }
        }
    }

    private int runnable() {
        int count = bag.size();
        for (int i = 0; i < serials.size(); i++) {
            if (serials.get(i).isRunnable()) {
                count++;
            }
        }
        return count;
    }

    private void runAny(int runnable) {
        int chosen = dice.below(runnable);
        if (chosen < bag.size()) {
            Task task = bag.get(chosen);
            Task last = bag.remove(bag.size() - 1);
            if (chosen < bag.size()) {
                bag.set(chosen, last);
            }
            run(task.place, null, task.body);
            return;
        }
        int left = chosen - bag.size();
        for (Serial serial : serials) {
            if (serial.isRunnable() && left-- == 0) {
                run(serial.place, serial, serial.tasks.remove());
                return;
            }
        }
    }

    private void run(Place place, @Nullable Serial serial, Runnable body) {
        steps++;
        onStep.run();
        elapsed += dice.below(2_000);
        if (serial != null) {
            serial.busy = true;
        }
        Frame frame = frames[depth++];
        frame.place = place;
        frame.handling = false;
        frame.interrupted = false;
        frame.stalled = 0;
        try {
            body.run();
        } catch (Throwable e) {
            onError.accept(e);
        } finally {
            depth--;
            if (serial != null) {
                serial.busy = false;
            }
            passInterrupt();
        }
        onStep.run();
    }

    /** All workers are this one thread: an interrupt is for those that are with a handler. */
    private void passInterrupt() {
        if (Thread.interrupted()) {
            for (int i = 0; i < depth; i++) {
                frames[i].interrupted |= frames[i].handling;
            }
        }
    }

    /** By chance runs a few other tasks now, as if other threads had been quicker. */
    void interleave() {
        if (depth == 0 || depth >= DEEPEST || dice.below(64) >= eagerness || locked.getAsBoolean()) {
            return;
        }
        Fiber fiber = running;
        if (fiber != null) {
            ready(fiber);
            fiber.block();
            return;
        }
        boolean flagged = Thread.interrupted();
        for (int i = dice.between(1, 3); i > 0; i--) {
            ripen();
            int runnable = runnable();
            if (runnable == 0) {
                break;
            }
            runAny(runnable);
        }
        if (flagged) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- what the current task does ----

    Place place() {
        return depth == 0 ? Place.CLIENT : frames[depth - 1].place;
    }

    /** The call of the source that is under way returns this much later than it does. */
    void stall(long nanos) {
        frames[depth - 1].stalled = nanos;
    }

    long stalled() {
        return depth == 0 ? 0 : frames[depth - 1].stalled;
    }

    void enterHandler() {
        frames[depth - 1].handling = true;
    }

    /** An interrupt that the handler has not consumed is left on the thread. */
    void leaveHandler() {
        Frame frame = frames[depth - 1];
        frame.handling = false;
        if (frame.interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isInterrupted() {
        return frames[depth - 1].interrupted;
    }

    void consumeInterrupt() {
        frames[depth - 1].interrupted = false;
    }

    /** Whether a handler may block here: nothing lies below it on the stack but other handlers. */
    boolean maySleep() {
        if (depth >= DEEPEST - 1) {
            return false;
        }
        for (int i = 0; i < depth; i++) {
            if (!frames[i].handling) {
                return false;
            }
        }
        return true;
    }

    /** Blocks the handler until the time is over, it is interrupted or awake; false where it may not block. */
    boolean sleep(long nanos, BooleanSupplier awake) {
        if (!maySleep()) {
            return false;
        }
        Frame mine = frames[depth - 1];
        long until = elapsed + nanos;
        while (elapsed < until && !mine.interrupted && !awake.getAsBoolean()) {
            if (!step(until)) {
                elapsed = Math.max(elapsed, until);
            }
        }
        return true;
    }
}
