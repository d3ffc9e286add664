package io.lastcall;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What became of every delivery of one run of a consumer. Immutable.
 *
 * @param consumer the consumer's name
 * @param reason why it drained
 * @param mode the mode that held at the end
 * @param counts every delivery of this run; {@code received == ended()} unless {@link #problems} says otherwise
 * @param retriesInProcess tries beyond the first that were made in this process
 * @param dropped how many of the rejected have no dead letter
 * @param refusedOffers deliveries that came after receiving had stopped; the source gave them back
 * @param lateOutcomes outcomes that came after their delivery's fate was sealed: those messages were or will be handled twice
 * @param stopConfirmed whether the broker confirmed that nothing more would come
 * @param closed whether the source closed in time
 * @param phases how long each phase took
 * @param stragglers handlers that were left behind
 * @param problems what went wrong from the drain's beginning on
 * @param failure what ended the consumer, where it was not asked to end
 */
public record DrainReport(
        String consumer,
        String reason,
        DrainMode mode,
        Counts counts,
        long retriesInProcess,
        long dropped,
        long refusedOffers,
        long lateOutcomes,
        boolean stopConfirmed,
        boolean closed,
        Phases phases,
        List<Straggler> stragglers,
        List<Problem> problems,
        Optional<Throwable> failure) {

    /**
     * How long each phase took.
     *
     * @param stopReceiving until the stop was confirmed or its time was over
     * @param finish until nothing was held or the time was over
     * @param close until the source was closed or the time was over
     * @param total from the first request to the report
     */
    public record Phases(Duration stopReceiving, Duration finish, Duration close, Duration total) {}

    /** Copies the lists. */
    public DrainReport {
        stragglers = List.copyOf(stragglers);
        problems = List.copyOf(problems);
    }

    /**
     * Whether nothing can be lost, repeated or left over.
     *
     * @return true when the stop was confirmed, the source closed, every settlement answered, no handler left behind, no outcome too
     *     late, no problem met and no failure the cause
     */
    public boolean clean() {
        return stopConfirmed
                && closed
                && counts.unconfirmed() == 0
                && counts.abandoned() == 0
                && lateOutcomes == 0
                && stragglers.isEmpty()
                && problems.isEmpty()
                && failure.isEmpty();
    }

    /**
     * The report for people: a line of totals, then one for each straggler and problem.
     *
     * @return text of several lines, without a line end at the end
     */
    public String describe() {
        StringBuilder text = new StringBuilder()
                .append(consumer)
                .append(clean() ? " drained clean" : " drained, not clean")
                .append(" (")
                .append(reason)
                .append(", mode ")
                .append(mode.shortName())
                .append(") in ")
                .append(millis(phases.total()))
                .append(": stop ")
                .append(millis(phases.stopReceiving()))
                .append(stopConfirmed ? "" : " unconfirmed")
                .append(", finish ")
                .append(millis(phases.finish()))
                .append(", close ")
                .append(millis(phases.close()))
                .append(closed ? "" : " unfinished");
        text.append("\n  received ").append(counts.received()).append(" = ");
        text.append(counts.accepted()).append(" accepted + ");
        text.append(counts.retried()).append(" retried + ");
        text.append(counts.rejected()).append(" rejected + ");
        text.append(counts.released()).append(" released + ");
        text.append(counts.revoked()).append(" revoked + ");
        text.append(counts.unconfirmed()).append(" unconfirmed + ");
        text.append(counts.abandoned()).append(" abandoned");
        text.append("\n  beside it: ").append(retriesInProcess).append(" retries in process, ");
        text.append(refusedOffers).append(" refused offers, ");
        text.append(lateOutcomes).append(" late outcomes, ");
        text.append(dropped).append(" dropped");
        failure.ifPresent(cause -> text.append("\n  failure: ").append(cause));
        for (Problem problem : problems) {
            text.append("\n  problem: ").append(problem);
        }
        for (Straggler straggler : stragglers) {
            text.append("\n  straggler: ").append(straggler.messageId());
            text.append(" ran ").append(millis(straggler.ranFor()));
            straggler.thread().ifPresent(name -> text.append(" on ").append(name));
            straggler.stack().stream()
                    .limit(3)
                    .forEach(frame -> text.append("\n    at ").append(frame));
        }
        return text.toString();
    }

    private static String millis(Duration time) {
        return time.toMillis() + " ms";
    }
}
