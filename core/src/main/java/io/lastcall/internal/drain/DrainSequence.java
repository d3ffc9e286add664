package io.lastcall.internal.drain;

import io.lastcall.ConsumerState;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport.Phases;
import io.lastcall.Problem;
import io.lastcall.StopReason;
import io.lastcall.Straggler;
import io.lastcall.internal.dispatch.Drainage;
import io.lastcall.internal.dispatch.Nanos;
import io.lastcall.internal.time.Host;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The order of steps from the first request to the report. {@link #request} may be called by any thread; everything else runs on
 * the control thread, one {@link #advance} for each event: a request, the stop's confirmation, quiet on the floor, a deadline, the
 * return of close. Every wait is bounded by a time of the {@link Order}, so whatever hangs, the report comes.
 *
 * <ol>
 *   <li>STOPPING_RECEIVE: ask the source to stop; offers are still taken, so that what was on the wire is counted.
 *   <li>FINISHING: refuse offers; finish or give back what has not started, as the mode says.
 *   <li>At the finish deadline: tell handlers, interrupt, wait the grace, abandon.
 *   <li>CLOSING, when nothing is held and nothing runs, or time is over: close the source, which flushes.
 *   <li>CLOSED: what is unanswered is unconfirmed; the report.
 * </ol>
 */
public class DrainSequence<R> {

    /** What the sequence asks of its run. */
    public interface Run {
        ConsumerState state();

        /** Moves the state. */
        void become(ConsumerState next);

        /** Calls {@code stopReceiving} where hanging costs nothing; {@link #stopAnswered} brings the answer. */
        void askToStop();

        /** Calls {@code close} where hanging costs nothing; {@link #closeAnswered} brings the answer. */
        void askToClose(Duration atMost);

        void report(Problem problem);

        /** A drain begins, for what goes on or changes with it. */
        void drainBegins(Order order);

        /** The run is over. */
        void closed(Ending ending);
    }

    /** What the report is made of, beside the counts. */
    public record Ending(
            Order order, boolean stopConfirmed, boolean closed, Phases phases, List<Straggler> stragglers) {}

    /** What a source that takes all its time for the close has, to say that it has closed. */
    private static final long RETURN_NANOS = 50_000_000;

    protected final Drainage<R> drainage;
    private final Host host;
    private final Run run;
    private final @Nullable Duration finishCap;
    private final Duration grace;
    private final boolean interrupts;
    /** Set and merged by any thread. */
    private final AtomicReference<@Nullable Order> order = new AtomicReference<>();

    // All below: control thread only.
    private @Nullable Order seen;
    private boolean stopAnswered;
    private boolean stopConfirmed;
    private boolean told;
    private boolean interrupted;
    private boolean closeAsked;
    private boolean closeAnswered;
    private boolean closedWell;
    private long finishingSince;
    private long closingSince;
    private final List<Straggler> stragglers = new ArrayList<>();
    private Host.@Nullable Timer timer;

    public DrainSequence(
            Host host,
            Drainage<R> drainage,
            Run run,
            @Nullable Duration finishCap,
            Duration grace,
            boolean interrupts) {
        this.host = host;
        this.drainage = drainage;
        this.run = run;
        this.finishCap = finishCap;
        this.grace = grace;
        this.interrupts = interrupts;
    }

    /** Merges a request into what is asked for. Any thread. */
    public void request(Order asked) {
        Order merged =
                order.accumulateAndGet(asked, (now, more) -> now == null || more == null ? more : now.merge(more));
        if (merged != null) {
            // At once, on the caller's thread: when this returns, nothing starts any more that the mode forbids (I8).
            drainage.begin(merged.mode(), merged.tell());
        }
        host.control(this::advance);
    }

    /** The order so far, null before the first request. Any thread. */
    public @Nullable Order order() {
        return order.get();
    }

    /** The source has answered {@code stopReceiving}. Control thread. */
    public void stopAnswered(@Nullable Throwable error) {
        stopAnswered = true;
        stopConfirmed = error == null;
        if (error != null) {
            run.report(new Problem("stopReceiving", "the source could not confirm that it stopped", error));
        }
        advance();
    }

    /** {@code close} has returned. Control thread. */
    public void closeAnswered(@Nullable Throwable error) {
        closeAnswered = true;
        closedWell = error == null;
        if (error != null) {
            run.report(new Problem("close", "the source did not close in order", error));
        }
        advance();
    }

    /** Goes as far as events and time allow. An error of our own must not stop the clock. Control thread. */
    public void advance() {
        Order now = order.get();
        if (now == null || run.state() == ConsumerState.CLOSED) {
            return;
        }
        try {
            advance(now);
        } catch (Throwable e) {
            run.report(new Problem("drain", "an error of the engine itself; please report it", e));
        }
        if (run.state() != ConsumerState.CLOSED) {
            wakeAtNextDeadline();
        }
    }

    private void advance(Order now) {
        if (!now.equals(seen)) {
            hear(now);
        }
        if (host.isExiting()) {
            stragglers.addAll(drainage.abandonExiting());
        }
        ConsumerState before;
        do {
            before = run.state();
            step(before);
        } while (run.state() != before);
    }

    private void hear(Order now) {
        seen = now;
        run.drainBegins(now);
        drainage.begin(now.mode(), now.tell());
    }

    private void step(ConsumerState state) {
        switch (state) {
            case NEW -> {
                closedWell = true;
                stopConfirmed = true;
                closed();
            }
            case RUNNING -> {
                run.become(ConsumerState.STOPPING_RECEIVE);
                run.askToStop();
            }
            case STOPPING_RECEIVE -> stopReceiving();
            case FINISHING -> finish();
            case CLOSING -> close();
            case CLOSED -> {}
        }
    }

    // ---- 1 ----

    private void stopReceiving() {
        Order now = current();
        press(now);
        boolean late = isPast(now.stop()) || isPast(now.abandon());
        if (mayFinish(stopAnswered, late)) {
            if (!stopAnswered) {
                run.report(new Problem("stopReceiving", "the broker has not confirmed in time that it stopped", null));
            }
            finishingSince = host.nanoTime();
            capFinish();
            drainage.refuseOffers();
            run.become(ConsumerState.FINISHING);
        }
    }

    /** Whether phase one is over. */
    protected boolean mayFinish(boolean answered, boolean late) {
        return answered || late;
    }

    private void capFinish() {
        Duration cap = finishCap;
        if (cap != null && !current().finishesAll()) {
            Order capped = order.updateAndGet(
                    it -> it == null ? null : it.tellBy(finishingSince + Nanos.of(cap), Nanos.of(grace)));
            if (capped != null) {
                hear(capped);
            }
        }
    }

    // ---- 2 and 3 ----

    private void finish() {
        Order now = current();
        boolean over = press(now);
        giveBack(now, over);
        if (isDone()) {
            beginClosing();
        } else if (!now.finishesAll() && isPast(now.abandon())) {
            stragglers.addAll(drainage.abandon());
            beginClosing();
        }
    }

    /** When their time is over, tells handlers, and later interrupts them; whether it is over. */
    private boolean press(Order now) {
        boolean over = !now.finishesAll() && isPast(now.tell());
        if (over && !told) {
            told = true;
            drainage.startNothing();
            drainage.tellHandlers(now.mode() == DrainMode.STOP_NOW ? StopReason.STOP_NOW : StopReason.DRAIN_DEADLINE);
            drainage.endRevocations();
        }
        if (over && interrupts && !interrupted && isPast(now.interrupt())) {
            interrupted = true;
            interrupt();
        }
        return over;
    }

    /** Gives back what will not start. Where the stop is not confirmed, the source might hand us the same message again. */
    private void giveBack(Order now, boolean over) {
        if (now.finishesAll() || (!stopConfirmed && !over)) {
            return;
        }
        boolean unfit = drainage.isUnfit();
        if (unfit) {
            drainage.startNothing();
        }
        if (over || unfit || !now.mode().startsMore()) {
            drainage.releaseUnstarted();
        } else {
            drainage.releaseWaiting();
        }
    }

    private void interrupt() {
        for (Runnable cancel : drainage.interrupt()) {
            host.detach("cancel", cancel);
        }
    }

    /** Whether nothing is left to wait for. */
    protected boolean isDone() {
        return drainage.isQuiet();
    }

    // ---- 4 ----

    private void beginClosing() {
        closingSince = host.nanoTime();
        run.become(ConsumerState.CLOSING);
    }

    private void close() {
        Order now = current();
        if (!closeAsked && drainage.seal(isPast(callsUntil(now)))) {
            closeAsked = true;
            int hanging = drainage.callsUnderWay();
            if (hanging > 0) {
                run.report(new Problem("settle", hanging + " settle or extend calls had not returned at close", null));
            }
            long left = Math.max(0, closeUntil(now) - host.nanoTime());
            // A source that takes all its time must still be heard in ours.
            run.askToClose(Duration.ofNanos(left - Math.min(left / 10, RETURN_NANOS)));
        }
        if (closeAnswered || isPast(closeUntil(now))) {
            if (!closeAnswered) {
                run.report(new Problem("close", "the source had not closed when the time was over", null));
            }
            closed();
        }
    }

    /** Until when calls under way may hold the close (I5). */
    private long callsUntil(Order now) {
        return now.finishesAll() ? closingSince + now.reserve() / 2 : now.abandon();
    }

    private long closeUntil(Order now) {
        return now.finishesAll() ? closingSince + now.reserve() : now.end();
    }

    // ---- 5 ----

    private void closed() {
        Order now = current();
        long end = host.nanoTime();
        long finishing = finishingSince == 0 ? end : finishingSince;
        long closing = closingSince == 0 ? end : closingSince;
        Phases phases = new Phases(
                Duration.ofNanos(finishing - now.begun()),
                Duration.ofNanos(closing - finishing),
                Duration.ofNanos(end - closing),
                Duration.ofNanos(end - now.begun()));
        if (timer != null) {
            timer.cancel();
        }
        run.closed(new Ending(now, stopConfirmed, closedWell && (closeAnswered || !closeAsked), phases, stragglers));
    }

    // ---- time ----

    private Order current() {
        Order now = seen;
        if (now == null) {
            throw new AssertionError("no drain was asked for");
        }
        return now;
    }

    private boolean isPast(long at) {
        return host.nanoTime() - at >= 0;
    }

    private void wakeAtNextDeadline() {
        if (timer != null) {
            timer.cancel();
        }
        Order now = current();
        long next = Long.MAX_VALUE;
        long clock = host.nanoTime();
        for (long at : deadlines(now)) {
            if (at - clock > 0) {
                next = Math.min(next, at - clock);
            }
        }
        timer = next == Long.MAX_VALUE ? null : host.schedule(clock + next, () -> host.control(this::advance));
    }

    private long[] deadlines(Order now) {
        return switch (run.state()) {
            case STOPPING_RECEIVE -> new long[] {now.stop(), now.tell(), now.interrupt(), now.abandon()};
            case FINISHING -> now.finishesAll() ? new long[0] : new long[] {now.tell(), now.interrupt(), now.abandon()};
            case CLOSING -> new long[] {callsUntil(now), closeUntil(now)};
            default -> new long[0];
        };
    }
}
