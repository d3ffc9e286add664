package io.lastcall.testkit.simulation;

import io.lastcall.DrainRequest;
import io.lastcall.HandlingContext;
import io.lastcall.internal.consumer.Handling;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.simulation.Event.End;
import io.lastcall.testkit.simulation.Event.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Handlers of every kind: good, failing, blocking, stuck, deaf to interrupts, asking for a drain. Not thread-safe. */
final class SimulatedHandlers {

    @SuppressWarnings("StaticAssignmentOfThrowable") // one for millions of schedules; it has no stack
    private static final RuntimeException FAILS = new Quiet("the handler fails");

    private static final long FOR_EVER = 3_600L * 1_000_000_000L;

    private final World world;
    private final List<Runnable> stuck = new ArrayList<>();

    SimulatedHandlers(World world) {
        this.world = world;
    }

    @SuppressWarnings("NullAway") // some handlers return null, as users do
    Handling handling() {
        return world.scenario.blocking ? (Handling.Blocking) this::block : (Handling.Asynchronous) this::begin;
    }

    /** Ends what would never end. */
    void thaw() {
        List<Runnable> all = List.copyOf(stuck);
        stuck.clear();
        all.forEach(each -> world.scheduler.after(world.dice.below(1_000_000), each));
    }

    private void started(Ticket ticket, HandlingContext context) {
        world.mustBe(Place.WORKER, "a handler is called");
        world.record(Kind.STARTED, ticket.lane.run(), ticket.id, context.attempt(), world.scheduler.place());
        if (world.percent(world.scenario.handlerDrains)) {
            DrainRequest request = DrainRequest.because("asked for by a handler");
            world.drain(world.dice.oneIn(2) ? request : request.within(Scenario.budget(world.dice)));
        }
        world.scheduler.interleave();
    }

    private void ended(Ticket ticket, HandlingContext context, End how) {
        seeStop(ticket, context);
        world.record(Kind.ENDED, ticket.lane.run(), ticket.id, context.stopping() ? 1 : 0, how);
    }

    private void seeStop(Ticket ticket, HandlingContext context) {
        context.why().ifPresent(why -> world.record(Kind.STOP_SEEN, ticket.lane.run(), ticket.id, 0, why));
    }

    private long time() {
        long usual = world.scenario.handling;
        boolean slow = world.percent(world.scenario.handlerIsSlow);
        return slow
                ? world.dice.magnitude(usual + 1, usual * 50 + 1_000_000)
                : 1 + usual / 2 + world.dice.below((int) usual);
    }

    private boolean isStuck() {
        return !world.isThawed() && world.percent(world.scenario.handlerIsStuck);
    }

    /** What it will say; FAILED for an exception. */
    private End draw(HandlingContext context) {
        if (context.stopping() && world.dice.oneIn(2)) {
            return world.dice.of(End.FAILED, End.RELEASE);
        }
        return world.percent(world.scenario.handlerFails)
                ? world.dice.of(End.RETRY, End.REJECT, End.RELEASE, End.FAILED, End.FAILED)
                : End.ACCEPT;
    }

    private Outcome outcome(End end) {
        return switch (end) {
            case ACCEPT -> Outcome.accept();
            case RETRY ->
                world.dice.oneIn(2) ? Outcome.retry() : Outcome.retry(Duration.ofMillis(world.dice.below(500)));
            case REJECT -> Outcome.reject("no use");
            case RELEASE -> Outcome.release(Duration.ofMillis(world.dice.oneIn(2) ? 0 : world.dice.below(300)));
            case FAILED -> throw FAILS;
        };
    }

    // ---- on the worker's thread ----

    private @Nullable Outcome block(Message<byte[]> message, HandlingContext context) {
        Ticket ticket = (Ticket) message;
        started(ticket, context);
        world.scheduler.enterHandler();
        End end;
        try {
            end = blockUntilEnd(ticket, context);
        } finally {
            world.scheduler.leaveHandler();
        }
        if (end == End.RELEASE && world.isRepaired()) {
            end = End.ACCEPT;
        }
        ended(ticket, context, end);
        return end == End.FAILED && world.dice.oneIn(4) ? null : outcome(end);
    }

    private End blockUntilEnd(Ticket ticket, HandlingContext context) {
        boolean deaf = world.percent(world.scenario.handlerIgnores);
        boolean stuckNow = isStuck() && world.scheduler.maySleep();
        long time = stuckNow ? FOR_EVER : time();
        if (time < 30_000 || !world.scheduler.maySleep()) {
            world.scheduler.interleave();
            world.scheduler.spend(Math.min(time, 200_000));
        } else {
            long until = world.scheduler.elapsed() + time;
            while (world.scheduler.elapsed() < until && !(stuckNow && world.isThawed())) {
                world.scheduler.sleep(until - world.scheduler.elapsed(), () -> stuckNow && world.isThawed());
                if (world.scheduler.isInterrupted()) {
                    world.record(Kind.INTERRUPTED, ticket.lane.run(), ticket.id, context.stopping() ? 1 : 0, null);
                    seeStop(ticket, context);
                    if (!deaf) {
                        if (world.dice.oneIn(2)) {
                            world.scheduler.consumeInterrupt();
                        }
                        return End.FAILED;
                    }
                    world.scheduler.consumeInterrupt();
                }
            }
        }
        return draw(context);
    }

    // ---- with a stage ----

    private CompletionStage<Outcome> begin(Message<byte[]> message, HandlingContext context) {
        Ticket ticket = (Ticket) message;
        started(ticket, context);
        world.scheduler.enterHandler();
        try {
            if (world.dice.oneIn(8)) {
                // It blocks a while before it returns its stage.
                world.scheduler.sleep(world.dice.magnitude(100_000, 3_000_000_000L), world::isThawed);
                if (world.scheduler.isInterrupted()) {
                    world.record(Kind.INTERRUPTED, ticket.lane.run(), ticket.id, context.stopping() ? 1 : 0, null);
                }
            } else {
                world.scheduler.interleave();
            }
        } finally {
            world.scheduler.leaveHandler();
        }
        boolean stuckNow = isStuck();
        long time = time();
        if (!stuckNow && (time < 30_000 || world.dice.oneIn(3))) {
            world.scheduler.spend(Math.min(time, 200_000));
            End end = draw(context);
            ended(ticket, context, end);
            return end == End.FAILED && world.dice.oneIn(2)
                    ? CompletableFuture.failedFuture(FAILS)
                    : CompletableFuture.completedFuture(outcome(end));
        }
        Later later = new Later(ticket, context, world.percent(world.scenario.handlerIgnores));
        if (stuckNow) {
            stuck.add(later::end);
        } else {
            world.scheduler.after(time, later::end);
        }
        if (world.dice.oneIn(3)) {
            later.lookAround();
        }
        return later;
    }

    /** An asynchronous handling that ends by an event, or when it is cancelled, unless it is deaf. */
    private final class Later extends CompletableFuture<Outcome> {
        private final Ticket ticket;
        private final HandlingContext context;
        private final boolean deaf;

        Later(Ticket ticket, HandlingContext context, boolean deaf) {
            this.ticket = ticket;
            this.context = context;
            this.deaf = deaf;
        }

        void end() {
            if (isDone()) {
                return;
            }
            finish(draw(context));
        }

        private void finish(End end) {
            ended(ticket, context, end);
            if (end == End.FAILED) {
                completeExceptionally(FAILS);
            } else {
                complete(outcome(end));
            }
        }

        /** A handler that looks at its context from time to time, and ends when it is asked to. */
        private void lookAround() {
            world.scheduler.after(world.dice.magnitude(100_000, 400_000_000), () -> {
                if (isDone()) {
                    return;
                }
                if (context.stopping()) {
                    finish(world.dice.of(End.FAILED, End.RELEASE, End.ACCEPT));
                } else {
                    lookAround();
                }
            });
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            world.mustBe(Place.DETACHED, "a handler is cancelled");
            if (isDone()) {
                return false;
            }
            world.record(Kind.INTERRUPTED, ticket.lane.run(), ticket.id, context.stopping() ? 1 : 0, null);
            seeStop(ticket, context);
            if (deaf) {
                return false;
            }
            ended(ticket, context, End.FAILED);
            return completeExceptionally(new CancellationException());
        }

        @Override
        public boolean isCancelled() {
            return false;
        }
    }
}
