package io.lastcall.testkit.simulation;

import io.lastcall.ConsumerSnapshot;
import io.lastcall.testkit.simulation.Traces.Delivery;
import io.lastcall.testkit.simulation.Traces.Lane;
import io.lastcall.testkit.simulation.Traces.Run;

/** What may start, and how much: H4, H7, H13, H21, I1, I8, I12. */
final class StartRules extends Rule {

    /** How late the engine may be, beside the machine: a handler that is about to start cannot be called back. */
    private static final long SLACK = 70_000_000;

    StartRules(Traces traces, Checker checker) {
        super(traces, checker);
    }

    @Override
    void see(Event event) {
        switch (event.kind()) {
            case STARTED -> started(event, traces.delivery(event.subject()));
            case SNAPSHOT -> snapshot(event, event.what(ConsumerSnapshot.class));
            case GIVEN_UP -> {
                Delivery delivery = traces.delivery(event.subject());
                if (delivery.running) {
                    violated("I12", event, delivery + ": its admission was given up while its handler runs");
                }
                if (delivery.givenUp >= delivery.grants) {
                    violated("I12", event, delivery + ": an admission was given up that it does not have");
                }
            }
            case OVER -> {
                for (Delivery delivery : traces.deliveries()) {
                    if (delivery != null && delivery.grants > delivery.givenUp && delivery.starts == 0) {
                        violated("I12", event, delivery + ": its admission was neither used nor given up");
                    }
                }
            }
            default -> {}
        }
    }

    private void started(Event event, Delivery delivery) {
        Run run = traces.run(delivery.run);
        Lane lane = traces.laneOf(delivery);
        if (run.closed) {
            violated("H4", event, delivery + " was started after the drain had returned");
        }
        if (delivery.running) {
            violated("H8", event, delivery + " was started while it runs");
        }
        if (delivery.told != null) {
            violated("H7", event, delivery + " was started after it was told " + delivery.told);
        }
        if (lane.revoked() && delivery.starts == 0) {
            violated("I6", event, delivery + " was started after its lane was revoked");
        }
        if (delivery.lapsedTurn != Traces.NEVER) {
            violated("I6", event, delivery + " was started after its lease was lost");
        }
        if (traces.facts().admits() && delivery.grants <= delivery.givenUp) {
            violated("I12", event, delivery + " was started without an admission");
        }
        if (event.value() != delivery.facts.attempt() + delivery.failed) {
            violated(
                    "H12",
                    event,
                    delivery + " was started as attempt " + event.value() + " after " + delivery.failed
                            + " failures of attempt " + delivery.facts.attempt());
        }
        if (traces.running >= traces.mostConcurrency) {
            violated(
                    "H13",
                    event,
                    delivery + " was started beside " + traces.running + " others, concurrency is "
                            + traces.mostConcurrency);
        }
        if (event.at() > run.orders.hardSince + SLACK) {
            violated("I8", event, delivery + " was started in a drain of mode " + run.orders.mode);
        } else if (run.orders.isTimed() && event.at() > Math.max(run.orders.tellBy, run.orders.askedAt) + SLACK) {
            violated("I8", event, delivery + " was started after the finish deadline");
        }
    }

    private void snapshot(Event event, ConsumerSnapshot it) {
        if (it.counts().received() != it.held() + it.settling() + it.counts().ended()) {
            violated("I1", event, "a snapshot does not add up: " + it);
        }
        if (it.held() > traces.mostLimit + traces.facts().largestFetch()) {
            violated("H13", event, it.held() + " are held, the limit is " + traces.mostLimit);
        }
        if (it.running() > traces.mostConcurrency) {
            violated("H13", event, it.running() + " are said to run, the concurrency is " + traces.mostConcurrency);
        }
        boolean drains = traces.run(event.run()).orders.isAsked(); // then nothing more comes in that they could hold up
        if (!drains && it.waiting() > Math.max(1, traces.mostLimit / 2) + traces.mostConcurrency) {
            violated("H21", event, it.waiting() + " are in back-off, the limit is " + traces.mostLimit);
        }
    }
}
