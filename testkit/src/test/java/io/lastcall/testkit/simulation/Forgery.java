package io.lastcall.testkit.simulation;

import io.lastcall.ConsumerSnapshot;
import io.lastcall.ConsumerState;
import io.lastcall.Counts;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.StopReason;
import io.lastcall.Straggler;
import io.lastcall.spi.RevokeReason;
import io.lastcall.testkit.simulation.Event.Answer;
import io.lastcall.testkit.simulation.Event.DeliveryFacts;
import io.lastcall.testkit.simulation.Event.DrainFacts;
import io.lastcall.testkit.simulation.Event.End;
import io.lastcall.testkit.simulation.Event.Facts;
import io.lastcall.testkit.simulation.Event.Kind;
import io.lastcall.testkit.simulation.Event.LaneFacts;
import io.lastcall.testkit.simulation.Event.Told;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes histories that never happened, in short words. Each event comes a microsecond after the one before. Not thread-safe. */
final class Forgery {

    static final long MILLI = 1_000_000;
    static final long SECOND = 1_000 * MILLI;
    private static final long NEVER = Long.MAX_VALUE / 4;

    private final List<Event> events = new ArrayList<>();
    private long now;

    /** A consumer of two handlers and a limit of four; lane 0 has order by key, no lease, no held keys. */
    Forgery() {
        this(facts(false, false), 0, false);
    }

    Forgery(Facts facts, long lease, boolean holdsKey) {
        add(Kind.CONFIGURED, -1, 0, facts);
        add(Kind.LANE_OPENED, 0, 0, new LaneFacts("p0", 1, lease, holdsKey));
        add(Kind.STATE, -1, 0, ConsumerState.RUNNING);
    }

    static Facts facts(boolean letters, boolean admits) {
        return new Facts(2, 4, 2, true, letters, !letters, admits, DrainMode.FINISH_STARTED, -1, 0);
    }

    List<Event> events() {
        return events;
    }

    Forgery add(Kind kind, int subject, long value, @Nullable Object what) {
        now += 1_000;
        events.add(new Event(kind, now, 0, subject, value, what));
        return this;
    }

    Forgery pass(long nanos) {
        now += nanos;
        return this;
    }

    // ---- deliveries ----

    Forgery offer(int delivery, @Nullable String strand) {
        return offering(delivery, strand).add(Kind.OFFERED, delivery, 1, null);
    }

    Forgery offering(int delivery, @Nullable String strand) {
        return add(Kind.OFFERING, delivery, 0, new DeliveryFacts("m" + delivery, 0, strand, 1, false));
    }

    Forgery start(int delivery) {
        return add(Kind.STARTED, delivery, 1, Place.WORKER);
    }

    Forgery end(int delivery, End how) {
        return add(Kind.ENDED, delivery, 0, how);
    }

    Forgery handle(int delivery) {
        return start(delivery).end(delivery, End.ACCEPT);
    }

    Forgery tell(int delivery, Told told) {
        return add(Kind.SETTLE_CALLED, 0, 0, Place.WORKER)
                .add(Kind.TOLD, delivery, 0, told)
                .add(Kind.SETTLE_RETURNED, 0, 0, null);
    }

    Forgery answer(int delivery, Answer answer) {
        if (answer == Answer.SETTLED) {
            add(Kind.APPLIED, delivery, 0, null);
        }
        return add(Kind.ANSWERED, delivery, 0, answer);
    }

    Forgery settle(int delivery, Told told) {
        return tell(delivery, told).answer(delivery, Answer.SETTLED);
    }

    /** From offer to answer, all well. */
    Forgery good(int delivery, @Nullable String strand) {
        return offer(delivery, strand).handle(delivery).settle(delivery, Told.ACCEPT);
    }

    Forgery revoke(RevokeReason why) {
        return add(Kind.REVOKING, 0, 0, null).add(Kind.REVOKED, 0, 0, why);
    }

    Forgery seeStop(int delivery, StopReason why) {
        return add(Kind.STOP_SEEN, delivery, 0, why);
    }

    // ---- the drain ----

    /** Asks for a drain within ten seconds: one for the close, one of grace. */
    Forgery askDrain(DrainMode mode) {
        return add(
                Kind.DRAIN_ASKED,
                -1,
                0,
                new DrainFacts(
                        mode, true, now + 3 * SECOND, now + 8 * SECOND, now + 9 * SECOND, now + 10 * SECOND, SECOND));
    }

    Forgery askForeverDrain() {
        return add(
                Kind.DRAIN_ASKED,
                -1,
                0,
                new DrainFacts(DrainMode.FINISH_ALL, true, now + 3 * SECOND, NEVER, NEVER, NEVER, SECOND));
    }

    Forgery stop() {
        return add(Kind.STATE, -1, 0, ConsumerState.STOPPING_RECEIVE)
                .add(Kind.STOP_ASKED, -1, 0, Place.DETACHED)
                .add(Kind.STOP_ANSWERED, -1, 1, null)
                .add(Kind.STATE, -1, 0, ConsumerState.FINISHING);
    }

    Forgery close() {
        return add(Kind.STATE, -1, 0, ConsumerState.CLOSING)
                .add(Kind.CLOSE_CALLED, -1, SECOND, Place.DETACHED)
                .add(Kind.CLOSE_RETURNED, -1, 1, null)
                .add(Kind.STATE, -1, 0, ConsumerState.CLOSED);
    }

    Forgery report(Counts counts) {
        List<Straggler> stragglers = new ArrayList<>();
        for (long i = 0; i < counts.abandoned(); i++) {
            stragglers.add(new Straggler("m", Duration.ZERO, Optional.empty(), List.of()));
        }
        DrainReport report = new DrainReport(
                "forged",
                "forged",
                DrainMode.FINISH_STARTED,
                counts,
                0,
                0,
                0,
                0,
                true,
                true,
                new DrainReport.Phases(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO),
                stragglers,
                List.of(),
                Optional.empty());
        return add(Kind.DRAINED, -1, 0, report);
    }

    /** A drain that goes well, of so many deliveries that were accepted before. */
    Forgery drain(int accepted) {
        return askDrain(DrainMode.FINISH_STARTED).stop().close().report(accepted(accepted));
    }

    static Counts accepted(int number) {
        return new Counts(number, number, 0, 0, 0, 0, 0, 0);
    }

    Forgery snapshot(Counts counts, long held, long settling, int running, int waiting) {
        return add(
                Kind.SNAPSHOT,
                -1,
                0,
                new ConsumerSnapshot(
                        "forged",
                        ConsumerState.RUNNING,
                        counts,
                        held,
                        settling,
                        running,
                        waiting,
                        2,
                        4,
                        0,
                        0,
                        0,
                        0,
                        Set.of(),
                        Map.of()));
    }

    List<Violation> check() {
        add(Kind.OVER, -1, 0, null);
        return Checker.check(events);
    }
}
