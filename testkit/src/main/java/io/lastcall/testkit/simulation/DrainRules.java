package io.lastcall.testkit.simulation;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.StopReason;
import io.lastcall.testkit.simulation.Traces.Delivery;
import io.lastcall.testkit.simulation.Traces.Lane;
import io.lastcall.testkit.simulation.Traces.Run;

/** The drain's steps and times: H3, H5, I5, I8, and that nothing is waited for that is over. */
final class DrainRules extends Rule {

    private static final long GRACE = 250_000_000;
    /** A dead letter that failed is tried again after this time, which a drain waits for. */
    private static final long LETTER_AGAIN = 1_000_000_000;

    DrainRules(Traces traces, Checker checker) {
        super(traces, checker);
    }

    @Override
    void see(Event event) {
        Run run = traces.run(event.run());
        switch (event.kind()) {
            case OFFERING -> {
                if (run.stopConfirmed) {
                    violated("H3", event, "delivery " + event.subject() + " was offered after the stop was confirmed");
                }
            }
            case OFFERED -> {
                Lane lane = traces.laneOf(traces.delivery(event.subject()));
                boolean over = event.at() >= Math.min(run.orders.stopBy, run.orders.abandonBy);
                if (event.value() == 0 && !lane.revoking && !run.stopAnswered && !over) {
                    violated(
                            "H3",
                            event,
                            "the offer of " + traces.delivery(event.subject())
                                    + " was refused before the stop was confirmed or its time was over");
                }
            }
            case STOP_SEEN -> stopSeen(event, run, event.what(StopReason.class));
            case SETTLE_CALLED -> {
                if (run.closeCalledAt >= 0 && run.closeCalledAt < traces.abandonBy(run) && run.orders.isTimed()) {
                    violated("I5", event, "settle was called after close");
                }
            }
            case CLOSE_CALLED -> closeCalled(event, run);
            case DRAINED -> drained(event, run, event.what(DrainReport.class));
            case OVER -> {
                for (Run each : traces.runs()) {
                    if (each.orders.isAsked() && !each.drained) {
                        violated("H5", event, "the drain of run " + each.number + " never returned");
                    }
                }
                for (Lane lane : traces.lanes()) {
                    if (lane != null && lane.revoked() && !lane.finished && traces.run(lane.run).drained) {
                        violated("S3", event, "the revocation of lane " + lane.facts + " never finished");
                    }
                }
            }
            default -> {}
        }
    }

    private void stopSeen(Event event, Run run, StopReason why) {
        Delivery delivery = traces.delivery(event.subject());
        Lane lane = traces.laneOf(delivery);
        boolean may = switch (why) {
            case LANE_REVOKED -> lane.revoking;
            case LEASE_LOST -> delivery.lapsedTurn != Traces.NEVER;
            case STOP_NOW -> run.orders.mode == DrainMode.STOP_NOW;
            case DRAIN_DEADLINE -> event.at() >= traces.earliestTell(run);
        };
        if (!may) {
            violated("I8", event, delivery + " was asked to stop too early: " + why);
        }
    }

    private static boolean startsMore(Run run) {
        return run.orders.mode != null && run.orders.mode.startsMore();
    }

    /** Handlers that an earlier run left behind keep their slots and keys. */
    private boolean isHeldUp(Run run) {
        return traces.runs().stream().anyMatch(it -> it.number < run.number && it.busy > 0);
    }

    private void closeCalled(Event event, Run run) {
        boolean early = event.at() < traces.abandonBy(run);
        if (early && run.settleCalls > 0 && run.orders.mode != DrainMode.FINISH_ALL) {
            violated("I5", event, "close was called while a settle call was under way");
        }
        boolean keysHeld = run.orders.mode != null && run.orders.mode.startsMore() && run.keysHeld > 0;
        if (run.busy > 0 || keysHeld || (startsMore(run) && isHeldUp(run))) {
            return;
        }
        long free = Math.max(run.busyUntil, run.orders.askedAt);
        if (!run.stopAnswered) {
            free = Math.max(free, Math.min(run.orders.stopBy, run.orders.abandonBy));
        }
        if (!run.stopConfirmed) {
            // What has not started is given back at the finish deadline then: the source might hand it out to us again.
            free = Math.max(free, Math.min(run.orders.tellBy, run.orders.abandonBy));
        }
        if (run.orders.mode == DrainMode.FINISH_ALL) {
            free = Math.max(free, run.revokedAt);
        }
        if (event.at() > free + GRACE + (traces.facts().letters() ? LETTER_AGAIN : 0)) {
            violated(
                    "H5",
                    event,
                    "the drain went on for " + (event.at() - free) / 1_000_000
                            + " ms though nothing was left to wait for");
        }
    }

    private void drained(Event event, Run run, DrainReport report) {
        if (!run.orders.isAsked()) {
            violated("H5", event, "a drain returned that nobody asked for: " + report.reason());
            return;
        }
        long late = event.at() - Math.max(run.orders.deadline, run.orders.askedAt);
        if (run.orders.isTimed() && late > GRACE) {
            violated("H5", event, "the drain returned " + late / 1_000_000 + " ms after its deadline");
        }
        if (report.counts().abandoned() > 0 && event.at() < traces.abandonBy(run)) {
            violated("H5", event, "handlers were abandoned before their time");
        }
    }
}
