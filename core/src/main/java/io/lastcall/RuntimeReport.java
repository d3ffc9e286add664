package io.lastcall;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a {@link ConsumerRuntime} ended: what became of every delivery of every consumer, and of every resource. Immutable.
 *
 * @param runtime the runtime's name
 * @param reason why it drained
 * @param consumers the last run of each consumer, in the order in which they were given
 * @param restarted earlier runs, those that failed and were started again, in the order in which they ended
 * @param unended the names of consumers that had no report when the time was over
 * @param resources in the order in which they were closed
 * @param failure the failure that ended the group, or after which one of its consumers did not run again, be it that the drain came
 *     during its back-off; empty when all ran until they were asked to end
 * @param took from the first request to drain, or from the end of the last consumer where none came, to this report
 */
public record RuntimeReport(
        String runtime,
        String reason,
        List<DrainReport> consumers,
        List<DrainReport> restarted,
        List<String> unended,
        List<ClosedResource> resources,
        Optional<Throwable> failure,
        Duration took) {

    /** The exit status after a clean drain. */
    public static final int EXIT_CLEAN = 0;

    /** The exit status when something may be lost, repeated or left over: see the report. */
    public static final int EXIT_UNCLEAN = 3;

    /** The exit status when a failure ended a consumer for good, or kept it from starting, and so ended the group. */
    public static final int EXIT_FAILED = 4;

    /** Copies the lists. */
    public RuntimeReport {
        consumers = List.copyOf(consumers);
        restarted = List.copyOf(restarted);
        unended = List.copyOf(unended);
        resources = List.copyOf(resources);
    }

    /**
     * Whether the group ended in order: every consumer drained clean, every resource closed, no failure. Runs that failed and
     * were followed by another do not count; their numbers are in {@link #restarted}.
     *
     * @return true when nothing can be lost, repeated or left over by this end
     */
    public boolean clean() {
        return failure.isEmpty()
                && unended.isEmpty()
                && consumers.stream().allMatch(DrainReport::clean)
                && resources.stream().allMatch(it -> it.outcome() == ClosedResource.Outcome.CLOSED);
    }

    /**
     * The status for {@link System#exit}. A failure outranks an unclean drain. 1 and 2 are left to the program: a crash and a
     * command line that was not understood.
     *
     * @return {@link #EXIT_CLEAN}, {@link #EXIT_UNCLEAN} or {@link #EXIT_FAILED}
     */
    public int exitStatus() {
        if (failure.isPresent()) {
            return EXIT_FAILED;
        }
        return clean() ? EXIT_CLEAN : EXIT_UNCLEAN;
    }

    /**
     * What became of all deliveries of all runs.
     *
     * @return the sum
     */
    public Counts counts() {
        return Stream.concat(restarted.stream(), consumers.stream())
                .map(DrainReport::counts)
                .reduce(Counts.NONE, Counts::plus);
    }

    /**
     * The report for people: a line for the group, then each consumer and resource.
     *
     * @return text of several lines, without a line end at the end
     */
    public String describe() {
        StringBuilder text = new StringBuilder(runtime)
                .append(failure.isPresent() ? " failed" : clean() ? " ended clean" : " ended, not clean")
                .append(" (")
                .append(reason)
                .append(") in ")
                .append(took.toMillis())
                .append(" ms");
        failure.ifPresent(cause -> text.append("\n  failure: ").append(cause));
        unended.forEach(
                name -> text.append("\n  no report in time from consumer ").append(name));
        restarted.forEach(run -> text.append("\nrestarted after: ").append(run.describe()));
        consumers.forEach(run -> text.append('\n').append(run.describe()));
        resources.forEach(it -> text.append('\n').append(it.describe()));
        return text.toString();
    }
}
