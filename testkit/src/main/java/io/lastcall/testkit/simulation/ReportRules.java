package io.lastcall.testkit.simulation;

import io.lastcall.ConsumerState;
import io.lastcall.Counts;
import io.lastcall.DrainReport;
import io.lastcall.testkit.simulation.Event.Answer;
import io.lastcall.testkit.simulation.Event.Told;
import io.lastcall.testkit.simulation.Traces.Delivery;
import io.lastcall.testkit.simulation.Traces.Lane;
import java.util.HashMap;
import java.util.Map;

/** The report equals the history up to the moment in which the consumer was closed: H6. */
@SuppressWarnings("EnumOrdinal") // an index into our own array
final class ReportRules extends Rule {

    /** What was seen of one run. */
    private static final class Sums {
        long received;
        long refusedOffers;
        final long[] settled = new long[Told.values().length];
        long refused;
        long unknown;
        long untold;
        long mayBeRevoked;
        /** Offers that had not been answered: they count or not. */
        long offering;
    }

    private final Map<Integer, Sums> closed = new HashMap<>();

    ReportRules(Traces traces, Checker checker) {
        super(traces, checker);
    }

    @Override
    void see(Event event) {
        if (event.kind() == Event.Kind.STATE && event.what() == ConsumerState.CLOSED) {
            Sums sums = sums(event.run());
            closed.put(event.run(), sums);
            if (sums.untold > sums.mayBeRevoked && event.at() < traces.abandonBy(traces.run(event.run()))) {
                violated("H6", event, sums.untold + " deliveries were told nothing, though the time was not over");
            }
        } else if (event.kind() == Event.Kind.DRAINED) {
            Sums seen = closed.get(event.run());
            compare(event, event.what(DrainReport.class), seen == null ? sums(event.run()) : seen);
        }
    }

    private Sums sums(int run) {
        Sums sums = new Sums();
        for (Delivery delivery : traces.run(run).deliveries) {
            if (delivery.refused) {
                sums.refusedOffers++;
                continue;
            }
            if (delivery.offeredTurn == Traces.NEVER && delivery.starts == 0 && delivery.told == null) {
                sums.offering++;
                continue;
            }
            sums.received++;
            Told told = delivery.told;
            Lane lane = traces.laneOf(delivery);
            if (told == null) {
                sums.untold++;
                if (lane.revoking || delivery.lapsedTurn != Traces.NEVER) {
                    sums.mayBeRevoked++;
                }
            } else if (delivery.answer == Answer.SETTLED) {
                sums.settled[told.ordinal()]++;
            } else if (delivery.answer == Answer.REFUSED) {
                sums.refused++;
            } else {
                sums.unknown++;
            }
        }
        return sums;
    }

    private void compare(Event event, DrainReport report, Sums seen) {
        Counts counts = report.counts();
        if (counts.received() != counts.ended()) {
            violated("H6", event, "the fates do not add up: " + counts);
        }
        within(event, "received", counts.received(), seen.received, seen.received + seen.offering);
        within(event, "refused offers", report.refusedOffers(), seen.refusedOffers, seen.refusedOffers + seen.offering);
        equal(event, "accepted", counts.accepted(), seen.settled[Told.ACCEPT.ordinal()]);
        equal(event, "retried", counts.retried(), seen.settled[Told.RETRY.ordinal()]);
        equal(event, "rejected", counts.rejected(), seen.settled[Told.REJECT.ordinal()]);
        equal(event, "released", counts.released(), seen.settled[Told.RELEASE.ordinal()]);
        long untold = seen.refused + seen.unknown + seen.untold;
        within(
                event,
                "revoked, unconfirmed and abandoned together",
                counts.revoked() + counts.unconfirmed() + counts.abandoned(),
                untold,
                untold + seen.offering);
        within(event, "revoked", counts.revoked(), seen.refused, seen.refused + seen.mayBeRevoked + seen.offering);
        within(event, "unconfirmed", counts.unconfirmed(), seen.unknown, seen.unknown + seen.untold + seen.offering);
        if (report.stragglers().size() < counts.abandoned()) {
            violated(
                    "H6",
                    event,
                    counts.abandoned() + " were abandoned, "
                            + report.stragglers().size() + " are named");
        }
    }

    private void equal(Event event, String what, long reported, long seen) {
        if (reported != seen) {
            violated("H6", event, what + ": the report says " + reported + ", the history " + seen);
        }
    }

    private void within(Event event, String what, long reported, long least, long most) {
        if (reported < least || reported > most) {
            violated("H6", event, what + ": the report says " + reported + ", the history " + least + " to " + most);
        }
    }
}
