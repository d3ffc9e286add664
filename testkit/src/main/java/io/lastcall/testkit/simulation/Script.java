package io.lastcall.testkit.simulation;

import io.lastcall.ConsumerListener;
import io.lastcall.ConsumerState;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.Ordering;
import io.lastcall.Problem;
import io.lastcall.Workers;
import io.lastcall.internal.consumer.Plan;
import io.lastcall.internal.consumer.RestartableConsumer;
import io.lastcall.internal.dispatch.Floor;
import io.lastcall.message.Message;
import io.lastcall.spi.Capability;
import io.lastcall.spi.RevokeReason;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import io.lastcall.testkit.simulation.Coverage.Incident;
import io.lastcall.testkit.simulation.Event.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Plays one schedule from its seed: what the application, the broker and chance do, and when. Not thread-safe. */
final class Script {

    /** Makes a planting: with or without a fault. */
    interface Planter extends BiFunction<World, List<Floor<Ticket>>, Planting> {}

    private static final int MOST_STEPS = 300_000;
    private static final long PATIENCE = 60 * Scenario.SECONDS;
    private static final long TO_THE_END = 150 * Scenario.SECONDS;

    private final World world;
    private final Dice dice;
    private final Scenario scenario;
    private final SimulatedHandlers handlers;
    private final Planting planting;
    private final RestartableConsumer<Ticket> consumer;
    private final List<Ambush> ambushes = new ArrayList<>();
    private ConsumerState seen = ConsumerState.NEW;
    private boolean finished;
    private boolean ending;
    private int restartsLeft;
    private boolean startAsked;

    /** Something that happens once the consumer is in a phase. */
    private record Ambush(ConsumerState phase, Incident incident) {}

    private Script(long seed, Planter planter, Coverage coverage) {
        List<Floor<Ticket>> floors = Planting.noFloors();
        world = new World(seed, () -> isLocked(floors), coverage);
        dice = world.dice;
        scenario = world.scenario;
        handlers = new SimulatedHandlers(world);
        planting = planter.apply(world, floors);
        restartsLeft = dice.percent(scenario.restarts) ? 1 : 0;
        consumer = new RestartableConsumer<>(plan(), (name, kind) -> planting.host(), planting);
        world.watch(consumer);
    }

    private static boolean isLocked(List<Floor<Ticket>> floors) {
        for (int i = 0; i < floors.size(); i++) {
            if (floors.get(i).isEntered()) {
                return true;
            }
        }
        return false;
    }

    /** Plays the schedule of a seed. */
    static History play(long seed, Planter planter, Coverage coverage) {
        boolean interrupted = Thread.interrupted();
        try {
            Script script = new Script(seed, planter, coverage);
            script.play();
            return script.world.history;
        } finally {
            boolean unused = Thread.interrupted();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void play() {
        write();
        world.scheduler.onStep(this::look);
        while (!finished && world.scheduler.steps() < MOST_STEPS && world.scheduler.step(Long.MAX_VALUE)) {
            // each step is one task
        }
        if (world.scheduler.steps() >= MOST_STEPS) {
            world.record(Kind.STUCK, world.run, -1, 0, "it goes on and on");
        }
        world.record(Kind.OVER, world.run, -1, 0, null);
    }

    // ---- the consumer ----

    private Plan<Ticket> plan() {
        return new Plan<>(
                "simulated",
                new Factory(),
                scenario.concurrency,
                scenario.limit,
                planting.ordering(ordering()),
                dice.oneIn(3) ? message -> ((Ticket) message).stored.id.hashCode() % 3 : null,
                scenario.drain,
                scenario.retry,
                scenario.letters ? Optional.of(new SimulatedLetters(world)) : Optional.empty(),
                scenario.drops,
                Workers.BEST,
                List.of(new Listener()),
                handlers.handling());
    }

    private Ordering ordering() {
        return switch (scenario.order) {
            case NONE -> Ordering.none();
            case LANE -> Ordering.byLane();
            case KEY -> scenario.keyFails == 0 && dice.oneIn(2) ? Ordering.byKey() : Ordering.byKey(this::key);
        };
    }

    private @Nullable Object key(Message<byte[]> message) {
        Ticket ticket = (Ticket) message;
        if (world.keyFails(ticket)) {
            throw new Quiet("no key");
        }
        world.scheduler.interleave();
        return world.strandOf(ticket);
    }

    private final class Factory implements SourceFactory<Ticket> {
        @Override
        public String name() {
            return "simulation:stock";
        }

        @Override
        public Set<Capability> capabilities() {
            if (!scenario.redelivers) {
                return Set.of();
            }
            return scenario.delays
                    ? Set.of(Capability.REDELIVERY, Capability.DELAYED_REDELIVERY, Capability.ATTEMPT_COUNT)
                    : Set.of(Capability.REDELIVERY, Capability.ATTEMPT_COUNT);
        }

        @Override
        public Source<Ticket> open() {
            world.mustBe(Place.DETACHED, "a source is opened");
            if (world.run == 0 && scenario.start == Scenario.Start.CANNOT_OPEN) {
                world.writeDownFailure();
                throw new Quiet("cannot open");
            }
            SimulatedSource source = planting.source(world.run);
            world.add(source);
            return source;
        }
    }

    private final class Listener implements ConsumerListener {
        @Override
        public void stateChanged(String name, ConsumerState from, ConsumerState to) {
            world.mustBe(Place.LISTENER, "a listener is called");
            world.coverage.moved(from, to);
        }

        @Override
        public void problem(String name, Problem problem) {
            if (problem.where().equals("account") || problem.where().equals("drain")) {
                world.record(Kind.BROKEN, world.run, -1, 0, problem);
            }
        }
    }

    // ---- the play ----

    private void write() {
        listen();
        for (int i = 0; i < scenario.messages; i++) {
            if (i < scenario.messagesAtStart) {
                world.stock.publish();
            } else {
                world.scheduler.after(within(scenario.span), world.stock::publish);
            }
        }
        boolean drainFirst = !scenario.toTheEnd && dice.oneIn(20);
        world.scheduler.after(drainFirst ? within(scenario.span) : 0, this::start);
        for (int i = dice.between(0, 4); i > 0; i--) {
            Incident incident = dice.of(
                    Incident.REVOKE,
                    Incident.REVOKE,
                    Incident.LEASE_LAPSE,
                    Incident.SETTLE_FAILURE,
                    Incident.CAPACITY_CHANGE,
                    Incident.CAPACITY_CHANGE);
            if (!scenario.calm || incident == Incident.CAPACITY_CHANGE) {
                world.scheduler.after(within(scenario.span), () -> happen(incident));
            }
        }
        for (int i = dice.between(1, 4); i > 0; i--) {
            world.scheduler.after(dice.magnitude(1_000, 2 * scenario.span), this::takeSnapshot);
        }
        if (scenario.toTheEnd) {
            world.scheduler.after(scenario.span, this::repair);
        } else {
            writeDrains(drainFirst);
        }
        world.scheduler.after(PATIENCE + TO_THE_END, this::finish);
    }

    private void writeDrains(boolean drainFirst) {
        if (dice.oneIn(15)) {
            world.scheduler.after(within(scenario.span), this::endSource);
        }
        world.scheduler.after(drainFirst ? 0 : within(scenario.span), () -> world.drain(request()));
        ConsumerState[] phases = {ConsumerState.STOPPING_RECEIVE, ConsumerState.FINISHING, ConsumerState.CLOSING};
        for (int i = scenario.calm ? 0 : dice.of(0, 1, 3); i > 0; i--) {
            ambushes.add(new Ambush(dice.of(phases), dice.of(Incident.values())));
        }
        if (dice.oneIn(3)) {
            world.scheduler.after(
                    scenario.span + dice.magnitude(10_000, 3 * Scenario.SECONDS), () -> world.drain(request()));
        }
        world.scheduler.after(PATIENCE, this::loseHandlersPatience);
    }

    private long within(long span) {
        return (long) (dice.unit() * span);
    }

    /** The last run whose start the engine has heard the end of. */
    private int stood = -1;

    private void start() {
        startAsked = true;
        if (consumer.state() == ConsumerState.CLOSED) {
            restart(); // it was drained before its first start
            return;
        }
        int run = world.run;
        consumer.beginStart().whenComplete((nothing, error) -> stood = error == null ? run : stood);
    }

    private void listen() {
        int run = world.run;
        CompletionStage<DrainReport> ended = consumer.ended();
        boolean over = ended.toCompletableFuture().isDone();
        ended.thenAccept(report -> {
            if (!over) {
                world.mustBe(Place.DETACHED, "a drain is told to be over");
            }
            drained(report, run);
        });
    }

    private DrainRequest request() {
        DrainRequest request = DrainRequest.because("the script says so");
        if (dice.oneIn(2)) {
            request = request.mode(dice.of(DrainMode.values()));
        }
        if (dice.oneIn(2)) {
            request = request.within(Scenario.budget(dice));
        }
        return request;
    }

    private void endSource() {
        SimulatedSource source = world.source();
        if (source == null || !source.isStanding()) {
            return;
        }
        if (stood == world.run && dice.oneIn(2)) {
            world.writeDown(DrainMode.FINISH_ALL, scenario.drain.total());
            source.intake().ended();
        } else {
            happen(Incident.SOURCE_FAILURE);
        }
    }

    /** A drain that may go on for ever is made to end. */
    private void loseHandlersPatience() {
        if (consumer.state() != ConsumerState.CLOSED) {
            world.drain(DrainRequest.because("patience is lost")
                    .mode(DrainMode.STOP_NOW)
                    .within(Duration.ofSeconds(5)));
        }
    }

    private void takeSnapshot() {
        world.record(Kind.SNAPSHOT, world.run, -1, 0, consumer.snapshot());
    }

    private void look() {
        ConsumerState state = consumer.state();
        if (state != seen) {
            seen = state;
            world.record(Kind.STATE, world.run, -1, 0, state);
            for (Ambush ambush : ambushes) {
                if (ambush.phase == state) {
                    world.scheduler.give(Place.CLIENT, () -> happen(ambush.incident));
                }
            }
            if (dice.oneIn(3)) {
                world.scheduler.give(Place.CLIENT, this::takeSnapshot);
            }
        }
        if (scenario.toTheEnd && world.isRepaired() && !ending && allIsDone()) {
            end();
        }
    }

    // ---- what happens ----

    private void happen(Incident incident) {
        ConsumerState phase = consumer.state();
        SimulatedSource source = world.source();
        if (source == null || !source.isStanding() || (world.isRepaired() && scenario.toTheEnd)) {
            return;
        }
        boolean did = switch (incident) {
            case REVOKE -> revoke(source);
            case LEASE_LAPSE -> lapse(source);
            case SETTLE_FAILURE -> source.failOne();
            case CAPACITY_CHANGE -> changeCapacity();
            case SECOND_DRAIN -> {
                world.drain(request());
                yield true;
            }
            case SOURCE_FAILURE -> {
                world.writeDownFailure();
                source.intake().failed(new Quiet("the source fails"));
                yield true;
            }
        };
        if (did) {
            world.coverage.happened(phase, incident);
        }
    }

    private boolean revoke(SimulatedSource source) {
        for (SimulatedLane lane : source.lanes()) {
            if (!lane.isRevoked() && dice.oneIn(2)) {
                lane.revoke(dice.of(RevokeReason.values()));
                return true;
            }
        }
        return false;
    }

    private boolean lapse(SimulatedSource source) {
        if (scenario.rules.lease().isEmpty()) {
            return false;
        }
        for (SimulatedLane lane : source.lanes()) {
            for (Ticket ticket : lane.out()) {
                if (world.stock.lapse(ticket)) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean changeCapacity() {
        switch (dice.below(4)) {
            case 0 -> {
                int limit = dice.between(1, 12);
                world.record(Kind.LIMIT, world.run, -1, limit, null);
                consumer.changeLimit(limit);
            }
            case 1 -> {
                int concurrency = dice.between(1, 5);
                world.record(Kind.CONCURRENCY, world.run, -1, concurrency, null);
                consumer.changeConcurrency(concurrency);
            }
            default -> {
                String reason = dice.of("operator", "breaker");
                consumer.pause(reason);
                world.scheduler.after(dice.magnitude(10_000, Scenario.SECONDS), () -> consumer.resume(reason));
            }
        }
        return true;
    }

    // ---- the end ----

    private void repair() {
        world.repair();
        handlers.thaw();
        consumer.resume("operator");
        consumer.resume("breaker");
        world.scheduler.after(TO_THE_END, () -> {
            if (!ending) {
                world.record(Kind.STUCK, world.run, -1, 0, undone());
                end();
            }
        });
    }

    private boolean allIsDone() {
        if (world.scheduler.elapsed() < scenario.span || world.stock.messages().size() < scenario.messages) {
            return false;
        }
        for (Stock.Stored stored : world.stock.messages()) {
            if (!stored.isFinal() && stored.place != Stock.Place.PARKED) {
                return false;
            }
        }
        return true;
    }

    private String undone() {
        StringBuilder text = new StringBuilder(consumer.snapshot().toString());
        for (Stock.Stored stored : world.stock.messages()) {
            if (!stored.isFinal() && stored.place != Stock.Place.PARKED) {
                text.append(' ')
                        .append(stored.id)
                        .append(' ')
                        .append(stored.place)
                        .append(" under ")
                        .append(stored.current);
            }
        }
        return text.toString();
    }

    private void end() {
        ending = true;
        world.scheduler.give(Place.CLIENT, () -> world.drain(request().within(Duration.ofSeconds(2))));
        world.scheduler.after(20 * Scenario.SECONDS, this::loseHandlersPatience);
    }

    private void drained(DrainReport report, int run) {
        world.record(Kind.DRAINED, run, -1, 0, report);
        if (!startAsked || run < world.run) {
            return; // it goes on
        }
        if (restartsLeft > 0) {
            restartsLeft--;
            world.scheduler.after(dice.magnitude(10_000, 300_000_000), this::restart);
            return;
        }
        world.scheduler.after(dice.magnitude(1_000, 200_000_000), () -> {
            world.thaw();
            handlers.thaw();
        });
        world.scheduler.after(3 * Scenario.SECONDS, this::finish);
    }

    private void restart() {
        if (consumer.state() != ConsumerState.CLOSED) {
            return;
        }
        world.run++;
        seen = ConsumerState.NEW;
        int run = world.run;
        consumer.beginStart().whenComplete((nothing, error) -> stood = error == null ? run : stood);
        listen();
        for (int i = 0; i < 4; i++) {
            world.stock.publish();
        }
        world.scheduler.after(dice.magnitude(10_000, Scenario.SECONDS), () -> world.drain(request()));
        world.scheduler.after(PATIENCE, this::loseHandlersPatience);
    }

    private void finish() {
        finished = true;
    }
}
