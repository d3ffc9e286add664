package io.lastcall.benchmarks.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is known of one member when it has ended. Immutable.
 *
 * @param member its name
 * @param steps what its handlers told, in that order
 * @param endNanos when its process was seen to have ended
 * @param ending how it was ended
 * @param status its exit status
 * @param report what it said at its end; empty after a kill
 * @param over by how much its end came later than its drain allows; zero if it did not, or if it was not asked
 */
record History(
        String member,
        List<Step> steps,
        long endNanos,
        Ending ending,
        int status,
        Optional<MemberReport> report,
        Duration over) {

    /** How a member was ended. */
    enum Ending {
        /** Asked by SIGTERM. */
        ASKED,
        /** By SIGKILL, as the plan wants it. */
        KILLED,
        /** Nobody asked it. */
        BY_ITSELF,
        /** Asked, and killed when it did not end. */
        STUCK
    }

    /** Copies the list. */
    History {
        steps = List.copyOf(steps);
    }
}
