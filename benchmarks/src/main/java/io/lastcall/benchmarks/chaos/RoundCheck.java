package io.lastcall.benchmarks.chaos;

import io.lastcall.Counts;
import io.lastcall.RuntimeReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Compares what was published with what the members told. One thread. */
final class RoundCheck {

    private final RoundKind kind;
    private final Subscription subscription;
    private final List<Handling> handlings = new ArrayList<>();
    private final List<String> overlaps = new ArrayList<>();
    private final List<String> overlapsAcross = new ArrayList<>();
    private final List<Integer> repeated = new ArrayList<>();
    private final List<Integer> outOfOrder = new ArrayList<>();
    private final List<String> incoherent = new ArrayList<>();

    private RoundCheck(RoundKind kind, Subscription subscription) {
        this.kind = kind;
        this.subscription = subscription;
    }

    /**
     * Checks.
     *
     * @param published ids; within a key they are in the order in which they were published
     */
    static Findings of(
            RoundKind kind, Subscription subscription, Collection<Integer> published, List<History> histories) {
        RoundCheck check = new RoundCheck(kind, subscription);
        histories.forEach(check::read);
        check.findOverlaps();
        Set<Integer> lost = new TreeSet<>(published);
        lost.removeAll(check.findRepeats());
        histories.forEach(check::compareEnd);
        return new Findings(
                List.copyOf(lost),
                check.overlaps,
                check.overlapsAcross,
                check.repeated,
                check.outOfOrder,
                histories.stream()
                        .map(History::over)
                        .max(Comparator.naturalOrder())
                        .orElse(Duration.ZERO),
                check.incoherent);
    }

    /** Pairs begins with ends; what has no end ended with its process. */
    private void read(History history) {
        Map<Integer, Step> open = new HashMap<>();
        for (Step step : history.steps()) {
            if (step.what() == Step.What.STARTED) {
                if (open.put(step.id(), step) != null) {
                    incoherent.add(history.member() + " started " + step.id() + " twice at once");
                }
                continue;
            }
            Step start = open.remove(step.id());
            if (start == null) {
                incoherent.add(history.member() + " ended " + step.id() + " without a start");
                continue;
            }
            handlings.add(Handling.of(history, start, step.nanos(), step.what() == Step.What.FINISHED));
        }
        open.values().forEach(start -> handlings.add(Handling.of(history, start, history.endNanos(), false)));
    }

    private void findOverlaps() {
        Map<Integer, List<Handling>> byKey = new HashMap<>();
        handlings.forEach(
                it -> byKey.computeIfAbsent(it.key, key -> new ArrayList<>()).add(it));
        for (List<Handling> ofKey : byKey.values()) {
            ofKey.sort(Comparator.comparingLong(it -> it.start));
            for (int one = 0; one < ofKey.size(); one++) {
                Handling earlier = ofKey.get(one);
                for (int other = one + 1; other < ofKey.size() && ofKey.get(other).start < earlier.end; other++) {
                    Handling later = ofKey.get(other);
                    boolean same = earlier.member.equals(later.member);
                    Subscription.Alone alone = same ? subscription.inOne() : subscription.acrossAll();
                    if (alone == Subscription.Alone.KEY || earlier.id == later.id) {
                        (same ? overlaps : overlapsAcross).add(earlier + " and " + later);
                    }
                }
            }
        }
    }

    /** By the time of the end: the second time is a repeat, whoever it was. Returns what was handled to its end. */
    private Set<Integer> findRepeats() {
        List<Handling> done = handlings.stream()
                .filter(it -> it.finished)
                .sorted(Comparator.comparingLong(it -> it.end))
                .toList();
        Set<Integer> first = new HashSet<>();
        Map<String, Integer> latest = new HashMap<>();
        for (Handling it : done) {
            if (!first.add(it.id)) {
                repeated.add(it.id);
            } else if (subscription.acrossAll() == Subscription.Alone.KEY
                    && latest.merge(it.member + " " + it.key, it.id, Math::max) > it.id) {
                outOfOrder.add(it.id);
            }
        }
        return first;
    }

    private void compareEnd(History history) {
        String who = history.member();
        if (history.ending() == History.Ending.KILLED) {
            return;
        }
        if (history.ending() != History.Ending.ASKED) {
            incoherent.add(who + " ended " + history.ending() + " with status " + history.status());
        }
        if (history.report().isEmpty()) {
            incoherent.add(who + " ended with status " + history.status() + " and without a report");
            return;
        }
        MemberReport report = history.report().get();
        if (report.exitStatus() != history.status()) {
            incoherent.add(who + " told status " + report.exitStatus() + " and ended with " + history.status());
        }
        if (report.clean() != (report.exitStatus() == RuntimeReport.EXIT_CLEAN)) {
            incoherent.add(who + " told clean=" + report.clean() + " and status " + report.exitStatus());
        }
        // One that is asked to end in the middle of its start says so, and is not clean.
        if (kind.isGraceful() && !report.clean() && report.stood()) {
            incoherent.add(who + " was not clean though nothing was in its way: " + report.words());
        }
        Counts counts = report.counts();
        if (counts.received() != counts.ended()) {
            incoherent.add(who + " received " + counts.received() + ", but the fates add up to " + counts.ended());
        }
        long finished = history.steps().stream()
                .filter(it -> it.what() == Step.What.FINISHED)
                .count();
        // These may or may not have been handled to their end; what was accepted has been, what was released has not.
        long unsure = counts.unconfirmed() + counts.revoked() + counts.abandoned() + report.late();
        if (finished < counts.accepted() || finished > counts.accepted() + unsure) {
            incoherent.add(who + " told " + finished + " handled to their end, but its report says " + counts.accepted()
                    + " accepted and " + unsure + " unsure");
        }
    }

    /** One call of a handler. Immutable. */
    private record Handling(String member, int id, int key, long start, long end, boolean finished) {

        static Handling of(History history, Step start, long end, boolean finished) {
            return new Handling(history.member(), start.id(), start.key(), start.nanos(), end, finished);
        }

        @Override
        public String toString() {
            return id + " of key " + key + " in " + member;
        }
    }
}
