package io.lastcall.sqs;

import io.lastcall.DrainSettings;
import io.lastcall.spi.Capability;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import io.lastcall.sqs.SqsSettings.DeadLetters;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * Receives from one SQS queue, standard or FIFO. Immutable, safe for any thread: each setting gives a new value.
 *
 * <p>Each accepted message is deleted, each released or retried one gets a new visibility timeout: zero, or the delay rounded up
 * to whole seconds, at most twelve hours. A rejected message is deleted once the consumer's own sink has it; where
 * {@link #deadLetterQueue} or {@link #deadLetterQueueOfRedrivePolicy} is set it is sent there first. The queue's redrive policy goes on beside that: it moves what was
 * received too often, and a release counts as a receive too.
 *
 * <p>Of a FIFO queue one message of a group is handled at a time, in order, and deleted before the next begins, for a consumer that
 * asks for no order too.
 *
 * <p>To stop takes up to {@link #waitTime}: a receive that is under way is not broken off, since what it brings would stay
 * invisible until its timeout. Only one that the broker does not answer is, at the end of what a drain has for its handlers, and the
 * report says so.
 */
public final class SqsSource implements SourceFactory<SqsReceipt> {

    private static final Duration SECOND = Duration.ofSeconds(1);
    // Well within a third of the usual drain, which is what stopping to receive gets of it.
    private static final Duration USUAL_WAIT = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);
    private static final Duration USUAL_DELETE_INTERVAL = Duration.ofMillis(100);
    private static final Duration LONGEST_DELETE_INTERVAL = Duration.ofHours(1);
    // SQS counts it from the receive, all extensions together.
    static final Duration LONGEST_LEASE = Duration.ofHours(12);
    static final int MOST_AT_ONCE = 10;
    // SQS requires it of FIFO queues, and allows it for these only.
    static final String FIFO_SUFFIX = ".fifo";

    private final SqsSettings settings;

    private SqsSource(SqsSettings settings) {
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
        return new SqsSource(new SqsSettings(
                nameOrUrl,
                null,
                1,
                USUAL_WAIT,
                DrainSettings.DEFAULT,
                null,
                USUAL_DELETE_INTERVAL,
                new DeadLetters.Elsewhere()));
    }

    /**
     * Sets the client to call the broker with. It stays open when the consumer closes. Its HTTP client must allow for as many
     * connections as {@link #receivers} needs, twice over and one more, and its socket time-outs must be longer than
     * {@link #waitTime}. The time-outs of whole calls are set by this source, for each call.
     *
     * @param client by default one that is made from the SDK's defaults for each start, and closed with the consumer
     * @return a source with this setting
     */
    public SqsSource client(SqsClient client) {
        return new SqsSource(settings.with(Objects.requireNonNull(client, "client")));
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
        return new SqsSource(settings.withReceivers(threads));
    }

    /**
     * Sets how long the broker keeps a receive waiting for a first message. Shorter stops sooner, longer costs fewer requests. What
     * is longer than {@link #drain} allows for {@code stopReceiving} is cut to that, a quarter of a second less, and said at start.
     *
     * @param time whole seconds from 1 to 20 (the most that SQS allows); by default 5
     * @return a source with this setting
     */
    public SqsSource waitTime(Duration time) {
        wholeSeconds("waitTime", time, LONGEST_WAIT);
        return new SqsSource(settings.withWait(time));
    }

    /**
     * Tells how the consumer drains, which a source cannot see: {@link #waitTime} is capped by it, and no receive is broken off
     * before its end less the reserve.
     *
     * @param settings what {@code ConsumerBuilder.drain} is given, or the runtime; by default {@link DrainSettings#DEFAULT}
     * @return a source with this setting
     */
    public SqsSource drain(DrainSettings settings) {
        return new SqsSource(this.settings.with(Objects.requireNonNull(settings, "drain")));
    }

    /**
     * Sets how long a received message stays invisible to others unless that is extended, which the consumer does.
     *
     * @param time whole seconds from 1 s to 12 h (the most that SQS allows); by default what the queue says at start
     * @return a source with this setting
     */
    public SqsSource visibilityTimeout(Duration time) {
        wholeSeconds("visibilityTimeout", time, LONGEST_LEASE);
        return new SqsSource(settings.withLease(time));
    }

    /**
     * Sets how long the delete of a handled message may wait until ten can go in one request. Longer costs fewer requests, and more
     * repeats when the process is killed; the lease goes on meanwhile. A drain waits for none, and neither does a FIFO queue, where
     * the next of the group would wait too.
     *
     * @param most from zero to one hour; by default 100 ms
     * @return a source with this setting
     */
    public SqsSource deleteInterval(Duration most) {
        if (most.isNegative() || most.compareTo(LONGEST_DELETE_INTERVAL) > 0) {
            throw new IllegalArgumentException(
                    "deleteInterval = " + most + ", must be from PT0S to " + LONGEST_DELETE_INTERVAL);
        }
        return new SqsSource(settings.withDeleteInterval(most));
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
        if (nameOrUrl.equals(settings.queue())) {
            throw new IllegalArgumentException(
                    "deadLetterQueue = \"" + nameOrUrl + "\", must be another queue than is received from");
        }
        return new SqsSource(settings.with(new DeadLetters.Queue(nameOrUrl)));
    }

    /**
     * The same with the queue that the redrive policy of the queue names, looked up at start; without a policy the start is
     * refused. Rejected messages are sent there at once, as {@link #deadLetterQueue} does, and do not wait until they were
     * received often enough. SQS cannot move such a letter back by a move task that names no destination.
     *
     * @return a source with this setting
     */
    public SqsSource deadLetterQueueOfRedrivePolicy() {
        return new SqsSource(settings.with(new DeadLetters.RedrivePolicy()));
    }

    SqsSettings settings() {
        return settings;
    }

    @Override
    public String name() {
        return "sqs:" + QueueFacts.nameOf(settings.queue());
    }

    @Override
    public Set<Capability> capabilities() {
        Set<Capability> can = EnumSet.of(
                Capability.REDELIVERY, Capability.DELAYED_REDELIVERY, Capability.ATTEMPT_COUNT, Capability.LEASE);
        if (!(settings.deadLetters() instanceof DeadLetters.Elsewhere)) {
            can.add(Capability.DEAD_LETTER);
        }
        return can;
    }

    /**
     * {@inheritDoc} Standard queues: at most twice the concurrency, and one full receive for each receiver beyond it, since a
     * release costs a receive. FIFO queues: a full receive for each handler, since SQS fills a receive from one message group
     * where it can, and a group occupies one handler.
     */
    @Override
    public int defaultLimit(int concurrency) {
        if (settings.queue().endsWith(FIFO_SUFFIX)) {
            return MOST_AT_ONCE * concurrency;
        }
        return concurrency + Math.min(concurrency, MOST_AT_ONCE * settings.receivers());
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
