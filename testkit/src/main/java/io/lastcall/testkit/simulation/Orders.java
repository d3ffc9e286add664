package io.lastcall.testkit.simulation;

import io.lastcall.DrainMode;
import io.lastcall.testkit.simulation.Event.DrainFacts;
import org.jspecify.annotations.Nullable;

/** What all requests for a drain of one run come to: the earliest times, the hardest mode. Not thread-safe. */
final class Orders {

    private static final long NEVER = Long.MAX_VALUE / 2;

    @Nullable
    DrainMode mode;

    long askedAt = -1;
    /** Since when nothing that has not started may start. */
    long hardSince = NEVER;

    long stopBy = NEVER;
    long tellBy = NEVER;
    long abandonBy = NEVER;
    long deadline = NEVER;

    boolean isAsked() {
        return askedAt >= 0;
    }

    /** Whether there is a deadline. */
    boolean isTimed() {
        return isAsked() && mode != DrainMode.FINISH_ALL && deadline < NEVER / 4;
    }

    void add(Event event, DrainMode usual) {
        DrainFacts asked = event.what(DrainFacts.class);
        if (asked == null) {
            throw new IllegalArgumentException("DRAIN_ASKED without its facts");
        }
        boolean first = !isAsked();
        if (!first && asked.mode() == null && !asked.asksForTime()) {
            return;
        }
        if (first) {
            askedAt = event.at();
        }
        DrainMode own = asked.mode() != null ? asked.mode() : first ? usual : mode;
        if (asked.mode() == null && asked.asksForTime() && own == DrainMode.FINISH_ALL) {
            own = DrainMode.FINISH_UNTIL_DEADLINE;
        }
        mode = mode == null || own == null ? own : mode.merge(own);
        stopBy = Math.min(stopBy, asked.stopBy());
        if (own != DrainMode.FINISH_ALL) {
            boolean now = own == DrainMode.STOP_NOW;
            tellBy = Math.min(tellBy, now ? event.at() : asked.tellBy());
            abandonBy = Math.min(
                    abandonBy, now ? Math.min(asked.abandonBy(), event.at() + asked.grace()) : asked.abandonBy());
            deadline = Math.min(deadline, asked.deadline());
        }
        if (mode != null && !mode.startsMore()) {
            hardSince = Math.min(hardSince, event.at());
        }
    }
}
