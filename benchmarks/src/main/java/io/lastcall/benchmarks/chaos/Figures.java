package io.lastcall.benchmarks.chaos;

import java.util.Locale;

/**
 * All rounds together. Immutable.
 *
 * @param rounds how many were played
 * @param lost ids that were published and never handled to their end
 * @param overlaps two handlings of one key at once in one process; of one message, where no more is promised
 * @param overlapsAcross the same in two processes
 * @param repeatedOnTerm handled to the end again in rounds of a graceful kind
 * @param repeatedOnKill the same in rounds of the other kinds
 * @param drainOverDeadlineMillis the most by which a process that was asked to end was late
 * @param orderViolations first ends out of the order of a key; not part of the line of JSON
 * @param failedRounds rounds with anything that must not be; not part of the line of JSON
 */
record Figures(
        int rounds,
        long lost,
        long overlaps,
        long overlapsAcross,
        long repeatedOnTerm,
        long repeatedOnKill,
        long drainOverDeadlineMillis,
        long orderViolations,
        int failedRounds) {

    /** No round yet. */
    static final Figures NONE = new Figures(0, 0, 0, 0, 0, 0, 0, 0, 0);

    Figures plus(RoundKind kind, Findings round) {
        int repeated = round.repeated().size();
        return new Figures(
                rounds + 1,
                lost + round.lost().size(),
                overlaps + round.overlaps().size(),
                overlapsAcross + round.overlapsAcross().size(),
                repeatedOnTerm + (kind.isGraceful() ? repeated : 0),
                repeatedOnKill + (kind.isGraceful() ? 0 : repeated),
                Math.max(drainOverDeadlineMillis, round.drainOver().toMillis()),
                orderViolations + round.outOfOrder().size(),
                failedRounds + (round.faults(kind).isEmpty() ? 0 : 1));
    }

    /** Names and order are a contract. */
    String json() {
        return String.format(
                Locale.ROOT,
                "{\"rounds\":%d,\"lost\":%d,\"overlaps\":%d,\"overlapsAcross\":%d,\"repeatedOnTerm\":%d,"
                        + "\"repeatedOnKill\":%d,\"drainOverDeadlineMillis\":%d}",
                rounds,
                lost,
                overlaps,
                overlapsAcross,
                repeatedOnTerm,
                repeatedOnKill,
                drainOverDeadlineMillis);
    }
}
