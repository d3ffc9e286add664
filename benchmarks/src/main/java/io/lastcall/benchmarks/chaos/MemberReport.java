package io.lastcall.benchmarks.chaos;

import io.lastcall.Counts;
import io.lastcall.DrainReport;
import io.lastcall.RuntimeReport;

/**
 * What a member says about its own end. Immutable.
 *
 * @param counts what became of its deliveries
 * @param late outcomes that came after a delivery's fate was sealed
 * @param stood whether its source had started before it was asked to end
 * @param clean whether its drain was
 * @param exitStatus the status that it is about to end with
 */
record MemberReport(Counts counts, long late, boolean stood, boolean clean, int exitStatus) {

    static MemberReport of(RuntimeReport report, boolean stood) {
        return new MemberReport(
                report.counts(),
                report.consumers().stream().mapToLong(DrainReport::lateOutcomes).sum(),
                stood,
                report.clean(),
                report.exitStatus());
    }

    /** In words that {@link #of(String...)} reads. */
    String words() {
        return counts.received() + " " + counts.accepted() + " " + counts.retried() + " " + counts.rejected() + " "
                + counts.released() + " " + counts.revoked() + " " + counts.unconfirmed() + " " + counts.abandoned()
                + " " + late + " " + stood + " " + clean + " " + exitStatus;
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
                Boolean.parseBoolean(words[10]),
                Integer.parseInt(words[11]));
    }
}
