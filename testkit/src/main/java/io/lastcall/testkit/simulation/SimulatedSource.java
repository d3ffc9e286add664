package io.lastcall.testkit.simulation;

import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Extension;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import io.lastcall.testkit.simulation.Event.Answer;
import io.lastcall.testkit.simulation.Event.Kind;
import io.lastcall.testkit.simulation.Event.Told;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A source that keeps the rules of the SPI while its broker and its calls fail as the scenario says. Not thread-safe. */
class SimulatedSource implements Source<Ticket> {

    @SuppressWarnings("StaticAssignmentOfThrowable") // one for millions of schedules; it has no stack
    private static final RuntimeException BROKEN = new Quiet("the broker is broken");

    protected final World world;
    private final int run;
    private final List<SimulatedLane> lanes = new ArrayList<>();
    private final Set<Settlement<Ticket>> open = new LinkedHashSet<>();
    private final CompletableFuture<Void> stopped = new CompletableFuture<>();
    private @Nullable Intake<Ticket> intake;
    private int onWire;
    private boolean stopAsked;
    private boolean dropsWire;
    private boolean stopAnswered;
    private boolean closed;

    SimulatedSource(World world, int run) {
        this.world = world;
        this.run = run;
    }

    int run() {
        return run;
    }

    Intake<Ticket> intake() {
        Intake<Ticket> given = intake;
        if (given == null) {
            throw new AssertionError("not started");
        }
        return given;
    }

    List<SimulatedLane> lanes() {
        return lanes;
    }

    boolean isReceiving() {
        return !stopAsked && !closed;
    }

    boolean isStanding() {
        return intake != null && !closed;
    }

    /** What was asked for and not yet offered (S9). */
    int asked() {
        return onWire;
    }

    void onWire(int count) {
        onWire += count;
    }

    boolean dropsArrivals() {
        return dropsWire || closed || stopAnswered;
    }

    void arrived(int count) {
        onWire -= count;
        if (stopAsked && onWire == 0) {
            confirmStop();
        }
        pokeAll();
    }

    void pokeAll() {
        if (isReceiving()) {
            lanes.forEach(SimulatedLane::poke);
        }
    }

    // ---- start ----

    @Override
    public void start(Intake<Ticket> given) throws Exception {
        world.mustBe(Place.DETACHED, "start is called");
        Scenario.Start how = run == 0 ? world.scenario.start : Scenario.Start.WELL;
        if (how == Scenario.Start.THROWS) {
            world.writeDownFailure();
            throw BROKEN;
        }
        if (how == Scenario.Start.HANGS) {
            world.scheduler.stall(Long.MAX_VALUE);
            return;
        }
        intake = given;
        given.onCapacity(() -> {
            world.mustBe(Place.WORKER, "the capacity signal is called");
            hearOfRoom();
        });
        given.onLimitChanged(this::pokeAll);
        for (int i = 0; i < world.scenario.partitions; i++) {
            assign(i, run * 100L + 1);
        }
        if (how == Scenario.Start.SLOW) {
            world.scheduler.stall(world.dice.magnitude(100_000, 3_000_000_000L));
        }
    }

    /** The capacity signal. */
    protected void hearOfRoom() {
        pokeAll();
    }

    /** Opens a lane, unless receiving is to stop. */
    void assign(int partition, long epoch) {
        if (!isReceiving()) {
            return;
        }
        SimulatedLane lane = new SimulatedLane(world.nextLane(), partition, epoch, this, world);
        world.record(
                Kind.LANE_OPENED,
                run,
                lane.id,
                0,
                new Event.LaneFacts(
                        lane.name(),
                        epoch,
                        world.scenario.rules.lease().map(Duration::toNanos).orElse(0L),
                        world.scenario.rules.holdKeyUntilSettled()));
        lanes.add(lane);
        lane.poke();
    }

    // ---- stop ----

    @Override
    public CompletionStage<Void> stopReceiving() {
        world.mustBe(Place.DETACHED, "stopReceiving is called");
        world.record(Kind.STOP_ASKED, run, -1, 0, world.scheduler.place());
        stopAsked = true;
        Scenario.Call how = world.scenario.stop;
        if (how == Scenario.Call.HANGS) {
            return new CompletableFuture<>();
        }
        if (how == Scenario.Call.FAILS) {
            dropsWire = true;
            if (world.dice.oneIn(2)) {
                world.record(Kind.STOP_ANSWERED, run, -1, 0, null);
                throw BROKEN;
            }
            world.scheduler.after(world.latency(), () -> {
                world.record(Kind.STOP_ANSWERED, run, -1, 0, null);
                stopped.completeExceptionally(BROKEN);
            });
            return stopped;
        }
        dropsWire = world.scenario.stopDropsWire;
        if (dropsWire || onWire == 0) {
            if (how == Scenario.Call.SLOW) {
                world.scheduler.after(world.dice.magnitude(10_000, 2_000_000_000), this::confirmStop);
            } else {
                confirmStop();
            }
        }
        return stopped;
    }

    private void confirmStop() {
        if (stopAnswered || world.scenario.stop == Scenario.Call.HANGS || world.scenario.stop == Scenario.Call.FAILS) {
            return;
        }
        stopAnswered = true;
        world.record(Kind.STOP_ANSWERED, run, -1, 1, null);
        stopped.complete(null);
    }

    // ---- settle ----

    @Override
    public void settle(List<? extends Settlement<Ticket>> given) {
        world.mustBe(Place.WORKER, "settle is called");
        SimulatedLane lane = given.get(0).delivery().receipt().lane;
        boolean interrupted = Thread.currentThread().isInterrupted();
        world.record(Kind.SETTLE_CALLED, run, lane.id, interrupted ? 1 : 0, world.scheduler.place());
        for (Settlement<Ticket> settlement : given) {
            world.record(Kind.TOLD, run, settlement.delivery().receipt().id, 0, told(settlement.outcome()));
        }
        world.scheduler.interleave();
        if (world.percent(world.scenario.settleThrows)) {
            for (Settlement<Ticket> settlement : given) {
                world.record(Kind.ANSWERED, run, settlement.delivery().receipt().id, 0, Answer.UNKNOWN);
                world.stock.forsake(settlement.delivery().receipt());
            }
            world.record(Kind.SETTLE_RETURNED, run, lane.id, 0, null);
            throw BROKEN;
        }
        open.addAll(given);
        if (closed) {
            answer(new ArrayList<>(given), Answer.UNKNOWN);
        } else if (lane.isGone()) {
            answer(new ArrayList<>(given), world.dice.of(Answer.REFUSED, Answer.UNKNOWN));
        } else {
            List<Settlement<Ticket>> left = new ArrayList<>(given);
            while (!left.isEmpty()) {
                List<Settlement<Ticket>> group = left.subList(0, world.dice.between(1, left.size()));
                decide(new ArrayList<>(group));
                group.clear();
            }
        }
        world.scheduler.interleave();
        world.record(Kind.SETTLE_RETURNED, run, lane.id, 0, null);
    }

    static Told told(Outcome outcome) {
        return outcome instanceof Outcome.Accept
                ? Told.ACCEPT
                : outcome instanceof Outcome.Retry
                        ? Told.RETRY
                        : outcome instanceof Outcome.Reject ? Told.REJECT : Told.RELEASE;
    }

    /** What becomes of settlements that the broker takes or not, now or later, together. */
    private void decide(List<Settlement<Ticket>> group) {
        Scenario scenario = world.scenario;
        if (world.percent(scenario.settleNever)) {
            return;
        }
        boolean applies = true;
        Answer answer = Answer.SETTLED;
        if (world.percent(scenario.settleRefused)) {
            answer = Answer.REFUSED;
            applies = false;
        } else if (world.percent(scenario.settleUnknown)) {
            answer = Answer.UNKNOWN;
            applies = world.dice.oneIn(2);
        }
        boolean does = applies;
        Answer says = answer;
        if (world.percent(scenario.settleNow)) {
            finish(group, does, says);
        } else {
            world.scheduler.after(world.latency(), () -> finish(group, does, says));
        }
    }

    /** Does at the broker what can be done, and answers what is still open. */
    protected void finish(List<Settlement<Ticket>> group, boolean applies, Answer says) {
        List<Settlement<Ticket>> good = new ArrayList<>();
        List<Settlement<Ticket>> bad = new ArrayList<>();
        for (Settlement<Ticket> settlement : group) {
            if (!open.contains(settlement)) {
                continue;
            }
            Ticket ticket = settlement.delivery().receipt();
            boolean done = applies && world.stock.apply(ticket, settlement.outcome());
            if (done) {
                world.record(Kind.APPLIED, run, ticket.id, 0, null);
            }
            (says == Answer.SETTLED && done ? good : bad).add(settlement);
        }
        answer(good, Answer.SETTLED);
        bad.retainAll(open); // a close may have come in between, which answers what is open
        answer(bad, says == Answer.SETTLED ? Answer.REFUSED : says);
    }

    /** Answers; nothing of it is open afterwards. */
    protected void answer(List<Settlement<Ticket>> group, Answer answer) {
        if (group.isEmpty()) {
            return;
        }
        SimulatedLane lane = group.get(0).delivery().receipt().lane;
        for (Settlement<Ticket> settlement : group) {
            if (!open.remove(settlement)) {
                throw new AssertionError("answered twice");
            }
            world.record(Kind.ANSWERED, run, settlement.delivery().receipt().id, 0, answer);
            world.stock.forsake(settlement.delivery().receipt());
        }
        if (answer == Answer.SETTLED) {
            lane.lane.settled(group);
        } else if (answer == Answer.REFUSED) {
            lane.lane.unsettled(group, Failure.refused("refused", null));
        } else {
            lane.lane.unsettled(group, Failure.unknown("unknown", null));
        }
    }

    private List<Settlement<Ticket>> openOf(SimulatedLane lane) {
        List<Settlement<Ticket>> found = new ArrayList<>();
        for (Settlement<Ticket> settlement : open) {
            if (settlement.delivery().receipt().lane == lane) {
                found.add(settlement);
            }
        }
        return found;
    }

    /** Commits what was told, before the lane goes to its next owner. */
    void flush(SimulatedLane lane) {
        finish(openOf(lane), true, Answer.SETTLED);
    }

    /** One open settlement fails now; false when none is open. */
    boolean failOne() {
        if (open.isEmpty()) {
            return false;
        }
        answer(List.of(open.iterator().next()), world.dice.of(Answer.REFUSED, Answer.UNKNOWN));
        return true;
    }

    /** The channel is gone. */
    void giveUpAnswers(SimulatedLane lane) {
        answer(openOf(lane), world.dice.of(Answer.REFUSED, Answer.UNKNOWN));
    }

    /** Answers all that faults have left open. */
    void repair() {
        for (SimulatedLane lane : List.copyOf(lanes)) {
            flush(lane);
            lane.poke();
        }
    }

    // ---- leases ----

    @Override
    public CompletionStage<List<Extension>> extend(List<Delivery<Ticket>> held) {
        world.mustBe(Place.WORKER, "extend is called");
        for (Delivery<Ticket> delivery : held) {
            world.record(Kind.EXTENDING, run, delivery.receipt().id, 0, world.scheduler.place());
        }
        world.scheduler.interleave();
        CompletableFuture<List<Extension>> answer = new CompletableFuture<>();
        if (world.percent(world.scenario.extendNever)) {
            return answer;
        }
        if (world.dice.oneIn(4)) {
            extendNow(held, answer);
        } else {
            world.scheduler.after(world.latency(), () -> extendNow(held, answer));
        }
        return answer;
    }

    private void extendNow(List<Delivery<Ticket>> held, CompletableFuture<List<Extension>> answer) {
        int fault = world.percent(world.scenario.extendFails) ? world.dice.between(1, 3) : 0;
        List<Extension> said = new ArrayList<>();
        for (Delivery<Ticket> delivery : held) {
            Ticket ticket = delivery.receipt();
            boolean ours = world.stock.isCurrent(ticket) && !closed;
            boolean done = ours && (fault == 0 || world.dice.oneIn(2));
            if (done) {
                world.stock.lend(ticket);
            }
            Extension says = fault != 0 ? Extension.UNKNOWN : ours ? Extension.EXTENDED : Extension.LAPSED;
            said.add(says);
            world.record(Kind.EXTENDED, run, ticket.id, 0, says);
        }
        if (fault == 2) {
            answer.completeExceptionally(BROKEN);
        } else if (fault == 3) {
            answer.complete(List.of());
        } else {
            answer.complete(said);
        }
    }

    // ---- close ----

    @Override
    public void close(Duration atMost) throws Exception {
        world.mustBe(Place.DETACHED, "close is called");
        long most = atMost.compareTo(Duration.ofDays(365)) > 0 ? Long.MAX_VALUE : atMost.toNanos();
        world.record(Kind.CLOSE_CALLED, run, -1, most, world.scheduler.place());
        stopAsked = true;
        dropsWire = true;
        Scenario.Call how = world.scenario.close;
        world.scheduler.interleave();
        if (how == Scenario.Call.HANGS) {
            world.scheduler.stall(Long.MAX_VALUE);
            world.scheduler.after(world.dice.magnitude(1_000_000, 60_000_000_000L), this::disconnect);
            return;
        }
        flushSome();
        disconnect();
        long stall = how == Scenario.Call.SLOW ? world.dice.magnitude(10_000, 3_000_000_000L) : 0;
        if (how == Scenario.Call.FAILS) {
            world.record(Kind.CLOSE_RETURNED, run, -1, 0, null);
            throw BROKEN;
        }
        if (stall == 0) {
            world.record(Kind.CLOSE_RETURNED, run, -1, 1, null);
        } else {
            world.scheduler.stall(stall);
            world.scheduler.after(stall, () -> world.record(Kind.CLOSE_RETURNED, run, -1, 1, null));
        }
    }

    protected void flushSome() {
        for (Settlement<Ticket> settlement : List.copyOf(open)) {
            if (open.contains(settlement) && world.dice.percent(world.scenario.closeAnswers)) {
                boolean bad =
                        world.percent(world.scenario.settleRefused) || world.percent(world.scenario.settleUnknown);
                finish(List.of(settlement), !bad, bad ? world.dice.of(Answer.REFUSED, Answer.UNKNOWN) : Answer.SETTLED);
            }
        }
    }

    private void disconnect() {
        closed = true;
        lanes.forEach(SimulatedLane::close);
    }
}
