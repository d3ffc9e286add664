package io.lastcall.sqs;

import io.lastcall.spi.Capability;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Receives from one SQS queue, standard or FIFO. Immutable, safe for any thread: each setting gives a new value.
 *
 * <p>Each accepted message is deleted, each released or retried one gets a new visibility timeout: zero, or the delay rounded up
 * to whole seconds, at most twelve hours. A rejected message is deleted once the consumer's own sink has it; where
 * {@link #deadLetterQueue} is set it is sent there first. The queue's redrive policy goes on beside that: it moves what was
 * received too often, and a release counts as a receive too.
 *
 * <p>To stop takes up to {@link #waitTime}: a receive that is under way is never broken off, since what it brings would stay
 * invisible until its timeout.
 */
public final class SqsSource implements SourceFactory<SqsReceipt> {

    private static final Duration SECOND = Duration.ofSeconds(1);
    // Well within a third of the usual drain, which is what stopping to receive gets of it.
    private static final Duration USUAL_WAIT = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);
    static final Duration LONGEST_LEASE = Duration.ofHours(12);
    static final int MOST_AT_ONCE = 10;
    // SQS requires it of FIFO queues, and allows it for these only.
    static final String FIFO_SUFFIX = ".fifo";

    private final Settings settings;

    /**
     * What was set.
     *
     * @param queue name or URL
     * @param client null for one made from the SDK's defaults
     * @param lease null for the queue's own visibility timeout
     * @param deadLetterQueue name or URL, or null
     */
    record Settings(
            String queue,
            @Nullable SqsClient client,
            int receivers,
            Duration waitTime,
            @Nullable Duration lease,
            @Nullable String deadLetterQueue) {}

    private SqsSource(Settings settings) {
        this.settings = settings;
    }

    /**
     * One queue with all defaults.
     *
     * @param nameOrUrl the queue's name, looked up in the account and region of the client, or its URL
     * @return the source
     */
    public static SqsSource queue(String nameOrUrl) {
        notBlank("queue", nameOrUrl);
        return new SqsSource(new Settings(nameOrUrl, null, 1, USUAL_WAIT, null, null));
    }

    /**
     * Sets the client to call the broker with. It stays open when the consumer closes. Its HTTP client must allow for as many
     * connections as {@link #receivers} needs, twice over and one more, and its time-outs must be longer than {@link #waitTime}.
     *
     * @param client by default one that is made from the SDK's defaults for each start, and closed with the consumer
     * @return a source with this setting
     */
    public SqsSource client(SqsClient client) {
        Settings it = settings;
        return new SqsSource(new Settings(it.queue, client, it.receivers, it.waitTime, it.lease, it.deadLetterQueue));
    }

    /**
     * Sets how many threads receive. For a standard queue as many settle.
     *
     * @param threads from 1 to 100; by default 1
     * @return a source with this setting
     */
    public SqsSource receivers(int threads) {
        if (threads < 1 || threads > 100) {
            throw new IllegalArgumentException("receivers = " + threads + ", must be from 1 to 100");
        }
        Settings it = settings;
        return new SqsSource(new Settings(it.queue, it.client, threads, it.waitTime, it.lease, it.deadLetterQueue));
    }

    /**
     * Sets how long the broker keeps a receive waiting for a first message. Shorter stops sooner, longer costs fewer requests.
     * Keep it below what the consumer's drain allows for {@code stopReceiving}, a third of the whole unless it is set: a longer
     * wait makes the stop unconfirmed.
     *
     * @param time whole seconds from 1 to 20 (the most that SQS allows); by default 5
     * @return a source with this setting
     */
    public SqsSource waitTime(Duration time) {
        wholeSeconds("waitTime", time, LONGEST_WAIT);
        Settings it = settings;
        return new SqsSource(new Settings(it.queue, it.client, it.receivers, time, it.lease, it.deadLetterQueue));
    }

    /**
     * Sets how long a received message stays invisible to others unless that is extended, which the consumer does.
     *
     * @param time whole seconds from 1 s to 12 h (the most that SQS allows); by default what the queue says at start
     * @return a source with this setting
     */
    public SqsSource visibilityTimeout(Duration time) {
        wholeSeconds("visibilityTimeout", time, LONGEST_LEASE);
        Settings it = settings;
        return new SqsSource(new Settings(it.queue, it.client, it.receivers, it.waitTime, time, it.deadLetterQueue));
    }

    /**
     * Sets where rejected messages are sent to before they are deleted, with body, attributes and, where there is room, the
     * reason in the attribute {@value DeadLetterQueue#REASON}. A message whose delete fails after that is there twice.
     *
     * @param nameOrUrl the queue's name or URL; by default there is none, and rejected messages are for the consumer's sink
     * @return a source with this setting
     */
    public SqsSource deadLetterQueue(String nameOrUrl) {
        notBlank("deadLetterQueue", nameOrUrl);
        if (nameOrUrl.equals(settings.queue)) {
            throw new IllegalArgumentException(
                    "deadLetterQueue = \"" + nameOrUrl + "\", must be another queue than is received from");
        }
        Settings it = settings;
        return new SqsSource(new Settings(it.queue, it.client, it.receivers, it.waitTime, it.lease, nameOrUrl));
    }

    @Override
    public String name() {
        return "sqs:" + QueueFacts.nameOf(settings.queue);
    }

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> can = EnumSet.of(
                Capability.REDELIVERY, Capability.DELAYED_REDELIVERY, Capability.ATTEMPT_COUNT, Capability.LEASE);
        Optional.ofNullable(settings.deadLetterQueue).ifPresent(it -> can.add(Capability.DEAD_LETTER));
        return can;
    }

    /**
     * {@inheritDoc} Standard queues: at most twice the concurrency, and one full receive for each receiver beyond it, since a
     * release costs a receive. FIFO queues: a full receive for each handler, since SQS fills a receive from one message group
     * where it can, and a group occupies one handler.
     */
    @Override
    public int defaultLimit(int concurrency) {
        if (settings.queue.endsWith(FIFO_SUFFIX)) {
            return MOST_AT_ONCE * concurrency;
        }
        return concurrency + Math.min(concurrency, MOST_AT_ONCE * settings.receivers);
    }

    @Override
    public Source<SqsReceipt> open() {
        return new SqsSubscription(settings);
    }

    @Override
    public String toString() {
        return name();
    }

    private static void notBlank(String name, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(name + " = \"" + value + "\", must not be blank");
        }
    }

    private static void wholeSeconds(String name, Duration value, Duration most) {
        if (value.compareTo(SECOND) < 0
                || value.compareTo(most) > 0
                || !value.equals(Duration.ofSeconds(value.toSeconds()))) {
            throw new IllegalArgumentException(
                    name + " = " + value + ", must be whole seconds from " + SECOND + " to " + most);
        }
    }
}
