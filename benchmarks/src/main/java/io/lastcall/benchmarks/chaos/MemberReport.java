package io.lastcall.benchmarks.chaos;

import io.lastcall.Counts;
import io.lastcall.DrainReport;
import io.lastcall.RuntimeReport;

/**
 * What a member says about its own end. Immutable.
 *
 * @param counts what became of its deliveries
 * @param late outcomes that came after a delivery's fate was sealed
 * @param clean whether its drain was
 * @param exitStatus the status that it is about to end with
 */
record MemberReport(Counts counts, long late, boolean clean, int exitStatus) {

    static MemberReport of(RuntimeReport report) {
        return new MemberReport(
                report.counts(),
                report.consumers().stream().mapToLong(DrainReport::lateOutcomes).sum(),
                report.clean(),
                report.exitStatus());
    }

    /** In words that {@link #of(String...)} reads. */
    String words() {
        return counts.received() + " " + counts.accepted() + " " + counts.retried() + " " + counts.rejected() + " "
                + counts.released() + " " + counts.revoked() + " " + counts.unconfirmed() + " " + counts.abandoned()
                + " " + late + " " + clean + " " + exitStatus;
    }

    static MemberReport of(String... words) {
        return new MemberReport(
                new Counts(
                        Long.parseLong(words[0]),
                        Long.parseLong(words[1]),
                        Long.parseLong(words[2]),
                        Long.parseLong(words[3]),
                        Long.parseLong(words[4]),
                        Long.parseLong(words[5]),
                        Long.parseLong(words[6]),
                        Long.parseLong(words[7])),
                Long.parseLong(words[8]),
                Boolean.parseBoolean(words[9]),
                Integer.parseInt(words[10]));
    }
}
