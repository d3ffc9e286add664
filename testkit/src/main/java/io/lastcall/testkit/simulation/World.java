package io.lastcall.testkit.simulation;

import io.lastcall.DrainMode;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.internal.consumer.RestartableConsumer;
import io.lastcall.internal.dispatch.Nanos;
import io.lastcall.testkit.simulation.Event.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What the parts of one schedule share. Not thread-safe. */
final class World {

    final Dice dice;
    final Scheduler scheduler;
    final Scenario scenario;
    final History history;
    final Stock stock;
    final Coverage coverage;
    private final List<SimulatedSource> sources = new ArrayList<>();
    private int lanes;
    /** Which run of the consumer is the newest. */
    int run;
    /** Nothing goes wrong any more. */
    private boolean repaired;
    /** Handlers that never end do end. */
    private boolean thawed;

    private @Nullable RestartableConsumer<Ticket> consumer;

    World(long seed, BooleanSupplier locked, Coverage coverage) {
        this.coverage = coverage;
        dice = new Dice(seed);
        scheduler = new Scheduler(dice, this::broken, locked);
        scenario = new Scenario(dice);
        history = new History(scheduler::elapsed);
        stock = new Stock(scheduler, scenario, () -> sources.forEach(SimulatedSource::pokeAll));
        record(
                Kind.CONFIGURED,
                0,
                -1,
                0,
                new Event.Facts(
                        scenario.concurrency,
                        scenario.limit,
                        scenario.largestFetch,
                        scenario.redelivers,
                        scenario.letters,
                        scenario.drops,
                        scenario.admits,
                        usualMode(),
                        scenario.drain.finish().map(Nanos::of).orElse(-1L),
                        Nanos.of(scenario.drain.graceOf(scenario.drain.total()))));
    }

    /** The harder mode is only taken when every lane that was open says that giving back is free. */
    private DrainMode usualMode() {
        return scenario.drain
                .mode()
                .orElse(scenario.rules.freeRelease() ? DrainMode.FINISH_STARTED : DrainMode.FINISH_UNTIL_DEADLINE);
    }

    void record(Kind kind, int run, int subject, long value, @Nullable Object what) {
        history.add(kind, run, subject, value, what);
    }

    void broken(Throwable error) {
        record(Kind.BROKEN, 0, -1, 0, error);
    }

    /** Foreign code has to run on that kind of thread. */
    void mustBe(Place place, String what) {
        if (scheduler.place() != place) {
            record(Kind.MISPLACED, 0, -1, 0, what + " on " + scheduler.place() + ", not on " + place);
        }
    }

    /** Whether this fault strikes now. */
    boolean percent(int chance) {
        return chance > 0 && !repaired && dice.percent(chance);
    }

    long latency() {
        return scenario.latency / 2 + dice.below((int) scenario.latency);
    }

    int nextLane() {
        return lanes++;
    }

    // ---- sources ----

    void add(SimulatedSource source) {
        sources.add(source);
    }

    List<SimulatedSource> sources() {
        return sources;
    }

    /** The source of the newest run, null before the first has been opened. */
    @Nullable
    SimulatedSource source() {
        return sources.isEmpty() ? null : sources.get(sources.size() - 1);
    }

    /** What must run one at a time with others of the same, null where nothing must. */
    @Nullable
    Object strandOf(Ticket ticket) {
        if (keyFails(ticket)) {
            return null;
        }
        return switch (scenario.order) {
            case NONE -> scenario.rules.holdKeyUntilSettled() ? keyOf(ticket) : null;
            case LANE -> ticket.lane.name();
            case KEY -> keyOf(ticket);
        };
    }

    private static @Nullable String keyOf(Ticket ticket) {
        return ticket.stored.key == null ? null : "k" + ticket.stored.key[0];
    }

    /** Whether the key function throws for it. */
    boolean keyFails(Ticket ticket) {
        return scenario.order == Scenario.Order.KEY
                && (ticket.stored.id.hashCode() * 37 & 0x7fffffff) % 100 < scenario.keyFails;
    }

    // ---- phases of the play ----

    void repair() {
        repaired = true;
        thawed = true;
        sources.forEach(SimulatedSource::repair);
    }

    boolean isRepaired() {
        return repaired;
    }

    void thaw() {
        thawed = true;
    }

    boolean isThawed() {
        return thawed;
    }

    // ---- the consumer ----

    void watch(RestartableConsumer<Ticket> made) {
        consumer = made;
    }

    RestartableConsumer<Ticket> consumer() {
        RestartableConsumer<Ticket> made = consumer;
        if (made == null) {
            throw new AssertionError("no consumer yet");
        }
        return made;
    }

    /** Asks for a drain and writes it down. */
    void drain(DrainRequest request) {
        writeDown(request.mode().orElse(null), request.within().orElse(null));
        consumer().beginDrain(request).exceptionally(error -> {
            broken(error);
            return null;
        });
    }

    /** The source fails: the engine asks for the drain itself. */
    void writeDownFailure() {
        writeDown(usualMode(), scenario.drain.total());
    }

    /** What a request comes to by itself, by the public rules of the settings. */
    void writeDown(@Nullable DrainMode mode, @Nullable Duration within) {
        DrainSettings settings = scenario.drain;
        Duration budget = within == null ? settings.total() : within;
        long now = scheduler.elapsed();
        long deadline = now + Nanos.of(budget);
        long grace = Nanos.of(settings.graceOf(budget));
        long abandon = deadline - Nanos.of(settings.reserveOf(budget));
        long stop = now + Nanos.of(settings.stopReceivingOf(budget));
        record(
                Kind.DRAIN_ASKED,
                run,
                -1,
                0,
                new Event.DrainFacts(mode, within != null, stop, abandon - grace, abandon, deadline, grace));
    }
}
