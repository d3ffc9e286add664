package io.lastcall.sqs;

import io.lastcall.DrainSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * What was set, checked. Immutable.
 *
 * @param queue name or URL
 * @param client null for one made from the SDK's defaults
 * @param longestWait as it was set; {@link #waitTime} is what holds
 * @param drain what the consumer drains by
 * @param lease null for the queue's own visibility timeout
 * @param deleteInterval how long a delete may wait for others
 * @param deadLetters where rejected messages go
 */
record SqsSettings(
        String queue,
        @Nullable SqsClient client,
        int receivers,
        Duration longestWait,
        DrainSettings drain,
        @Nullable Duration lease,
        Duration deleteInterval,
        DeadLetters deadLetters) {

    private static final Duration SECOND = Duration.ofSeconds(1);
    // From the broker's answer to the stop's confirmation.
    private static final Duration WAY_BACK = Duration.ofMillis(250);
    // A broker that has not answered so long after the wait will not answer.
    private static final Duration LATE = Duration.ofSeconds(2);

    /** Where rejected messages go. */
    sealed interface DeadLetters {

        /** To the consumer's own sink, or nowhere where it drops. */
        record Elsewhere() implements DeadLetters {}

        /** To a queue, by name or URL. */
        record Queue(String nameOrUrl) implements DeadLetters {}

        /** To the queue that the redrive policy names. */
        record RedrivePolicy() implements DeadLetters {}
    }

    /** How long a receive waits: what was set, but no longer than a stop may take; whole seconds, one at least. */
    Duration waitTime() {
        Duration most = stopTime().minus(WAY_BACK);
        if (most.compareTo(longestWait) >= 0) {
            return longestWait;
        }
        return most.compareTo(SECOND) < 0 ? SECOND : Duration.ofSeconds(most.toSeconds());
    }

    /** What the drain gives for the stop's confirmation. */
    Duration stopTime() {
        return drain.stopReceivingOf(drain.total());
    }

    /**
     * When a receive is broken off, which may lose what it was about to bring: not while a drain that begins now can wait, nor
     * while the broker may still be waiting for a message.
     */
    Duration overdue() {
        Duration late = waitTime().plus(LATE);
        Duration end = drain.total().minus(drain.reserveOf(drain.total()));
        return late.compareTo(end) > 0 ? late : end;
    }

    SqsSettings with(SqsClient client) {
        return new SqsSettings(queue, client, receivers, longestWait, drain, lease, deleteInterval, deadLetters);
    }

    SqsSettings with(DrainSettings drain) {
        return new SqsSettings(queue, client, receivers, longestWait, drain, lease, deleteInterval, deadLetters);
    }

    SqsSettings with(DeadLetters deadLetters) {
        return new SqsSettings(queue, client, receivers, longestWait, drain, lease, deleteInterval, deadLetters);
    }

    SqsSettings withReceivers(int threads) {
        return new SqsSettings(queue, client, threads, longestWait, drain, lease, deleteInterval, deadLetters);
    }

    SqsSettings withWait(Duration time) {
        return new SqsSettings(queue, client, receivers, time, drain, lease, deleteInterval, deadLetters);
    }

    SqsSettings withLease(Duration time) {
        return new SqsSettings(queue, client, receivers, longestWait, drain, time, deleteInterval, deadLetters);
    }

    SqsSettings withDeleteInterval(Duration time) {
        return new SqsSettings(queue, client, receivers, longestWait, drain, lease, time, deadLetters);
    }
}
