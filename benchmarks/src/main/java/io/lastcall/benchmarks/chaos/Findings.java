package io.lastcall.benchmarks.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What was found in the histories of a round. Immutable.
 *
 * @param lost ids that were published and never handled to their end
 * @param overlaps two handlings of one key at once in one member; of one message, where no more is promised
 * @param overlapsAcross the same in two members
 * @param repeated ids that were handled to their end again, once for each time
 * @param outOfOrder where the order of a key is promised, ids that were handled to their end for the first time by a member that had done so with a later one of their key
 * @param drainOver the most by which a member that was asked to end was late
 * @param incoherent where a member's end, its report and its steps contradict each other
 */
record Findings(
        List<Integer> lost,
        List<String> overlaps,
        List<String> overlapsAcross,
        List<Integer> repeated,
        List<Integer> outOfOrder,
        Duration drainOver,
        List<String> incoherent) {

    /** Later than its deadline by this much, a member may end: the exit of a JVM on a busy machine. */
    static final Duration DRAIN_TOLERANCE = Duration.ofMillis(250);

    private static final int MOST_SHOWN = 20;

    /** Copies the lists. */
    Findings {
        lost = List.copyOf(lost);
        overlaps = List.copyOf(overlaps);
        overlapsAcross = List.copyOf(overlapsAcross);
        repeated = List.copyOf(repeated);
        outOfOrder = List.copyOf(outOfOrder);
        incoherent = List.copyOf(incoherent);
    }

    /** The same with what went wrong while it was played. */
    Findings with(List<String> trouble) {
        List<String> all = new ArrayList<>(incoherent);
        all.addAll(trouble);
        return new Findings(lost, overlaps, overlapsAcross, repeated, outOfOrder, drainOver, all);
    }

    /** What must not be in a round of that kind, in words; empty when it went well. */
    List<String> faults(RoundKind kind) {
        List<String> all = new ArrayList<>();
        add(all, "lost", lost);
        add(all, "overlaps", overlaps);
        if (kind.isGraceful()) {
            add(all, "repeated", repeated);
            add(all, "out of order", outOfOrder);
            add(all, "overlaps across", overlapsAcross);
        }
        if (drainOver.compareTo(DRAIN_TOLERANCE) > 0) {
            all.add("a drain ended " + drainOver.toMillis() + " ms too late");
        }
        add(all, "incoherent", incoherent);
        return all;
    }

    private static void add(List<String> all, String what, Collection<?> found) {
        if (!found.isEmpty()) {
            all.add(what + " " + found.size() + ": "
                    + found.stream().limit(MOST_SHOWN).map(Object::toString).collect(Collectors.joining(", "))
                    + (found.size() > MOST_SHOWN ? ", ..." : ""));
        }
    }
}
