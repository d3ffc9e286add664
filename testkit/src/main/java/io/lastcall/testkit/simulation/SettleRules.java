package io.lastcall.testkit.simulation;

import io.lastcall.testkit.simulation.Event.Admitted;
import io.lastcall.testkit.simulation.Event.Answer;
import io.lastcall.testkit.simulation.Event.End;
import io.lastcall.testkit.simulation.Event.Told;
import io.lastcall.testkit.simulation.Traces.Delivery;
import io.lastcall.testkit.simulation.Traces.Lane;
import org.jspecify.annotations.Nullable;

/** What the broker may be told, and when: H1, H2, H7, H12, H20, I4, I6. */
final class SettleRules extends Rule {

    SettleRules(Traces traces, Checker checker) {
        super(traces, checker);
    }

    @Override
    void see(Event event) {
        switch (event.kind()) {
            case TOLD -> told(event, traces.delivery(event.subject()));
            case ANSWERED -> answered(event, traces.delivery(event.subject()));
            case SETTLE_CALLED -> {
                if (event.value() == 1) {
                    violated("H12", event, "settle was called with the thread's interrupt set");
                }
            }
            case INTERRUPTED -> {
                if (event.value() == 0) {
                    violated(
                            "H12",
                            event,
                            traces.delivery(event.subject()) + " was interrupted without having been told before");
                }
            }
            case BROKEN -> violated("I2", event, "the engine met an error of its own: " + event.what());
            case MISPLACED -> violated("H22", event, String.valueOf(event.what()));
            case STUCK -> violated("H15", event, String.valueOf(event.what()));
            default -> {}
        }
    }

    private void told(Event event, Delivery delivery) {
        Told told = event.what(Told.class);
        if (delivery.told != null) {
            violated("I4", event, delivery + " was told twice: " + delivery.told + ", " + told);
        }
        if (!delivery.taken() && delivery.refused) {
            violated("I4", event, delivery + " was told though its offer was refused");
        }
        if (delivery.running) {
            violated("H7", event, delivery + " was told " + told + " while its handler runs");
        }
        Lane lane = traces.laneOf(delivery);
        if (delivery.endTurn != Traces.NEVER
                && (delivery.endTurn > lane.cutTurn() || delivery.endTurn > delivery.lapsedTurn)) {
            violated(
                    "I6", event, delivery + " was told " + told + " though it was taken away before its handler ended");
        }
        if (delivery.extending && (told == Told.RELEASE || told == Told.RETRY)) {
            violated("H20", event, delivery + " was told " + told + " while a lease extension is in flight");
        }
        if (delivery.endedStopping && delivery.end == End.FAILED && told != Told.RELEASE) {
            violated("H12", event, delivery + " was told " + told + " though it ended because it was asked to");
        }
        boolean free = delivery.starts == 0 && delivery.facts.strand() == null && !delivery.facts.keyFails();
        if (told == Told.RELEASE && free && !mayReturn(event, delivery)) {
            violated(
                    "I8", event, delivery + ", which needs no order, was given back though it could have been handled");
        }
        String missing = whatIsMissing(delivery, told);
        if (missing != null) {
            violated(told == Told.RELEASE ? "H7" : "H1", event, delivery + " was told " + told + ", but " + missing);
        }
    }

    /** Whether a drain gives back what has not started: by its mode, or because it would not end in time. */
    private boolean mayReturn(Event event, Delivery delivery) {
        Orders orders = traces.run(delivery.run).orders;
        if (!orders.isAsked()) {
            return false;
        }
        if (orders.mode != null && !orders.mode.startsMore()) {
            return true;
        }
        long left = Math.min(orders.tellBy, traces.earliestTell(traces.run(delivery.run))) - event.at();
        return delivery.admitted != null || left < 4 * traces.longestHandling + 10_000_000;
    }

    private @Nullable String whatIsMissing(Delivery delivery, @Nullable Told told) {
        End end = delivery.end;
        if (told == Told.ACCEPT) {
            boolean well = end == End.ACCEPT || (end == null && delivery.admitted == Admitted.ACCEPT);
            return well ? null : "its handler ended with " + end;
        } else if (told == Told.RETRY) {
            return end == End.RETRY || end == End.FAILED ? null : "its handler ended with " + end;
        } else if (told == Told.REJECT) {
            boolean given = end == End.REJECT || end == End.FAILED || end == End.RETRY;
            boolean unhandled = end == null && (delivery.admitted == Admitted.REJECT || delivery.facts.keyFails());
            if (!given && !unhandled) {
                return "its handler ended with " + end;
            }
            return traces.facts().letters() && !delivery.letterSafe ? "no dead letter was confirmed" : null;
        }
        return null;
    }

    private void answered(Event event, Delivery delivery) {
        if (delivery.told == null) {
            violated("S5", event, delivery + " was answered before it was told");
        } else if (event.what() == Answer.SETTLED && !delivery.applied) {
            violated("H2", event, delivery + " is said to be settled, but the broker has not done it");
        }
    }
}
