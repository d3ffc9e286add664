package io.lastcall.testkit.simulation;

import io.lastcall.ConsumerSnapshot;
import io.lastcall.DrainMode;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened, seen from outside of the engine. Immutable.
 *
 * @param kind what
 * @param at when, in nanoseconds since the history began
 * @param run which run of the consumer
 * @param subject the delivery or the lane, as the kind says; -1 where it is neither
 * @param value a number, as the kind says
 * @param what more, as the kind says
 */
record Event(
        Kind kind,
        long at,
        int run,
        int subject,
        long value,
        @Nullable Object what) {

    /** The kinds; "d" and "l" say whether the subject is a delivery or a lane. */
    enum Kind {
        /** what: {@link Facts}. The first event. */
        CONFIGURED,
        /** l; what: {@link LaneFacts}. */
        LANE_OPENED,
        /** d; what: {@link DeliveryFacts}. The call of offer begins. */
        OFFERING,
        /** d; value: 1 when the offer was taken, 0 when it was refused. */
        OFFERED,
        /** d; value: the attempt; what: the {@link Place}. */
        STARTED,
        /** d; value: 1 when the handler had been told to stop; what: {@link End}. */
        ENDED,
        /** d; the handler sees that it is asked to stop; what: the {@link io.lastcall.StopReason}. */
        STOP_SEEN,
        /** d; interrupted or cancelled; value: 1 when it had been told before. */
        INTERRUPTED,
        /** l; what: the {@link Place}; value: 1 when the thread was interrupted. */
        SETTLE_CALLED,
        /** l. */
        SETTLE_RETURNED,
        /** d; what: {@link Told}. */
        TOLD,
        /** d: the broker has done what it was told. */
        APPLIED,
        /** d; what: {@link Answer}. */
        ANSWERED,
        /** d; what: the {@link Place}. */
        EXTENDING,
        /** d; what: the {@link io.lastcall.spi.Extension}. */
        EXTENDED,
        /** l: the call begins. */
        REVOKING,
        /** l; the call has returned; what: the {@link io.lastcall.spi.RevokeReason}; value: unstarted and running, 32 bits each. */
        REVOKED,
        /** l; the call has returned; value: how many were cut off. */
        FENCED,
        /** l: a revocation has nothing left to wait for. */
        FINISHED,
        /** d; what: the {@link Place}. */
        LETTER_ASKED,
        /** d; value: 1 when it is safe. */
        LETTER_ANSWERED,
        /** d; what: the {@link Place}. */
        ADMISSION_ASKED,
        /** d; what: {@link Admitted}. */
        ADMISSION_ANSWERED,
        /** d. */
        GIVEN_UP,
        /** what: the {@link Place}. */
        STOP_ASKED,
        /** value: 1 when the broker has confirmed, 0 when it failed to. */
        STOP_ANSWERED,
        /** value: how long it may take; what: the {@link Place}. */
        CLOSE_CALLED,
        /** value: 1 when it closed in order. */
        CLOSE_RETURNED,
        /** what: {@link DrainFacts}. */
        DRAIN_ASKED,
        /** what: the report. */
        DRAINED,
        /** what: the new {@link io.lastcall.ConsumerState}. */
        STATE,
        /** what: the snapshot. */
        SNAPSHOT,
        /** value: the new concurrency. */
        CONCURRENCY,
        /** value: the new limit. */
        LIMIT,
        /** value: what {@code Lane.capacity()} said. l */
        CAPACITY,
        /** A problem that is the engine's own; what: its text. */
        BROKEN,
        /** Faults have ended and nothing moves any more, though it should; what: a text. */
        STUCK,
        /** Foreign code was called on a thread where it must not be; what: a text. */
        MISPLACED,
        /** The schedule is over. */
        OVER
    }

    /** How a handler ended. */
    enum End {
        ACCEPT,
        RETRY,
        REJECT,
        RELEASE,
        FAILED
    }

    /** What a settlement said. */
    enum Told {
        ACCEPT,
        RETRY,
        REJECT,
        RELEASE
    }

    /** What the source answered to it. */
    enum Answer {
        SETTLED,
        REFUSED,
        UNKNOWN
    }

    /** What an admission said. */
    enum Admitted {
        GO,
        NOT_YET,
        ACCEPT,
        REJECT
    }

    /** What holds for the whole history. */
    record Facts(
            int concurrency,
            int limit,
            int largestFetch,
            boolean redelivers,
            boolean letters,
            boolean drops,
            boolean admits,
            DrainMode usualMode,
            long finishCap,
            long finishGrace) {}

    /** A lane. */
    record LaneFacts(String name, long epoch, long lease, boolean holdsKey) {}

    /** A delivery; the strand is what must run one at a time, null where it needs no order. */
    record DeliveryFacts(String message, int lane, @Nullable Object strand, int attempt, boolean keyFails) {}

    /** A request for a drain and its budget's parts, in times since the history began. Mode null: none was asked for. */
    record DrainFacts(
            @Nullable DrainMode mode,
            boolean asksForTime,
            long stopBy,
            long tellBy,
            long abandonBy,
            long deadline,
            long grace) {}

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(96);
        text.append(String.format(Locale.ROOT, "%12.3f us  ", at / 1e3))
                .append("run ")
                .append(run)
                .append("  ");
        text.append(kind);
        if (subject >= 0) {
            text.append(" #").append(subject);
        }
        text.append(" ").append(value);
        if (what != null) {
            text.append(" ").append(what instanceof ConsumerSnapshot snapshot ? sorted(snapshot) : what);
        }
        return text.toString();
    }

    /** What more there is, which must be there. */
    <T> T what(Class<T> type) {
        return type.cast(Objects.requireNonNull(what, "what"));
    }

    /** Copies of sets and maps tell their elements in another order in each JVM, which would make replays look different. */
    private static String sorted(ConsumerSnapshot it) {
        return it.state() + " " + it.counts() + " held=" + it.held() + " settling=" + it.settling() + " running="
                + it.running() + " waiting=" + it.waiting() + " concurrency=" + it.concurrency() + " limit="
                + it.limit()
                + " paused=" + new TreeSet<>(it.paused()) + " lanes=" + new TreeMap<>(it.lanes());
    }
}
