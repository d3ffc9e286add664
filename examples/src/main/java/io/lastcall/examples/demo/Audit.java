package io.lastcall.examples.demo;

import io.lastcall.Counts;
import io.lastcall.DrainReport;
import io.lastcall.examples.demo.OrderBroker.Evidence;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What became of every order, by the demo's own ledger and by what the broker says; the consumer's report is only compared with it.
 * Immutable.
 *
 * @param published orders that the broker took
 * @param handled orders that a handler handled well
 * @param retried tries beyond the first
 * @param deadLettered orders read back from the dead letters
 * @param available orders that the broker has for the next consumer
 * @param lost orders that are gone for ever: neither handled, nor in the dead letters, nor available
 * @param repeated how often an order was handled well again
 * @param disagreements where ledger, broker and report contradict each other, in words
 */
record Audit(
        long published,
        long handled,
        long retried,
        long deadLettered,
        long available,
        long lost,
        long repeated,
        List<String> disagreements) {

    /** Compares. */
    static Audit of(Ledger ledger, Evidence evidence, DrainReport report) {
        Set<Integer> dead = new HashSet<>(evidence.deadLetters());
        Set<Integer> available = new HashSet<>(evidence.available());
        Set<Integer> lost = new HashSet<>(ledger.publishedIds());
        lost.removeAll(ledger.handledIds());
        lost.removeAll(dead);
        lost.removeAll(available);

        Set<Integer> again = new HashSet<>(available);
        again.removeIf(id -> !ledger.handledIds().contains(id) && !dead.contains(id));

        Counts counts = report.counts();
        // By so much the report itself says that it does not know; zero after a clean drain.
        long unsure = counts.unconfirmed() + counts.abandoned() + counts.revoked() + report.lateOutcomes();
        long published = ledger.publishedIds().size();
        long handled = ledger.handledIds().size();

        Comparison comparison = new Comparison();
        comparison.equal("received by the report", counts.received(), "ended by the report", counts.ended(), 0);
        comparison.equal("handled by the ledger", handled, "accepted by the report", counts.accepted(), unsure);
        comparison.equal(
                "dead letters at the broker",
                evidence.deadLetters().size(),
                "rejected by the report",
                counts.rejected(),
                unsure);
        comparison.equal(
                "given up by the ledger",
                ledger.givenUpIds().size(),
                "dead letters at the broker",
                dead.size(),
                unsure);
        comparison.equal(
                "available at the broker",
                available.size(),
                "published, less those received and not given back",
                published - counts.received() + counts.released() + counts.retried(),
                unsure);
        comparison.equal("done by the ledger and still available at the broker", again.size(), "none", 0, unsure);
        comparison.equal(
                "retried by the ledger",
                ledger.retried(),
                "retried by the report",
                report.retriesInProcess() + counts.retried(),
                unsure + counts.retried());
        comparison.equal("handled out of a customer's order", ledger.outOfOrder(), "none", 0, counts.revoked());
        comparison.equal("lost by the ledger and the broker", lost.size(), "none", 0, 0);
        comparison.equal("handled twice by the ledger", ledger.repeated(), "none", 0, unsure);
        ledger.publishingError().ifPresent(error -> comparison.found.add("publishing failed: " + error));
        return new Audit(
                published,
                handled,
                ledger.retried(),
                evidence.deadLetters().size(),
                available.size(),
                lost.size(),
                ledger.repeated(),
                List.copyOf(comparison.found));
    }

    private static final class Comparison {
        private final List<String> found = new ArrayList<>();

        void equal(String one, long count, String other, long expected, long tolerance) {
            if (Math.abs(count - expected) > tolerance) {
                found.add(one + " = " + count + ", but " + other + " = " + expected
                        + (tolerance == 0 ? "" : " (give or take " + tolerance + ")"));
            }
        }
    }
}
