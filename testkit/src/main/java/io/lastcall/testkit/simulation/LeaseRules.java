package io.lastcall.testkit.simulation;

import io.lastcall.testkit.simulation.Event.Told;
import io.lastcall.testkit.simulation.Traces.Delivery;
import io.lastcall.testkit.simulation.Traces.Lane;
import io.lastcall.testkit.simulation.Traces.Run;

/** Leases go on for everything held, all through the drain until the source is to be closed: H11. */
final class LeaseRules extends Rule {

    private static final long SLACK = 150_000_000;

    LeaseRules(Traces traces, Checker checker) {
        super(traces, checker);
    }

    @Override
    void see(Event event) {
        switch (event.kind()) {
            case EXTENDING, TOLD, ANSWERED -> check(event, traces.delivery(event.subject()));
            case REVOKING -> {
                for (Delivery delivery : traces.run(event.run()).deliveries) {
                    if (delivery.facts.lane() == event.subject()) {
                        check(event, delivery);
                    }
                }
            }
            case CLOSE_CALLED, DRAINED, OVER ->
                traces.run(event.run()).deliveries.forEach(delivery -> check(event, delivery));
            default -> {}
        }
    }

    private void check(Event event, Delivery delivery) {
        Lane lane = traces.laneOf(delivery);
        Run run = traces.run(delivery.run);
        long lease = lane.facts.lease();
        boolean needed = lease > 0
                && delivery.taken()
                && !delivery.extending
                && !lane.revoking
                && !run.closed
                && (run.closeCalledAt < 0 || event.kind() == Event.Kind.CLOSE_CALLED)
                && delivery.lapsedTurn == Traces.NEVER
                && delivery.answer == null
                && delivery.told != Told.RELEASE
                && delivery.told != Told.RETRY;
        if (needed && event.at() - delivery.leasedAt > lease / 3 + SLACK) {
            violated(
                    "H11",
                    event,
                    delivery + " has not been extended for " + (event.at() - delivery.leasedAt) / 1_000_000
                            + " ms, its lease is " + lease / 1_000_000 + " ms");
        }
    }
}
