package io.lastcall.sqs;

import io.lastcall.spi.Delivery;
import io.lastcall.spi.Extension;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import io.lastcall.sqs.SqsSettings.DeadLetters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.SqsClient;

/**
 * One queue as one lane, from start to close. Threads: n receivers, n settlers (one for a FIFO queue, which is settled in order),
 * one for dead letters where they have a queue, and one for leases. Safe for any thread.
 */
final class SqsSubscription implements Source<SqsReceipt> {

    private static final Logger log = LoggerFactory.getLogger(SqsSubscription.class);

    // SQS allows 120,000 messages in flight for a queue; far fewer fill the memory.
    private static final int BOUND = 20_000;
    // The tries of a message, one for each drain that gives it back, and some to spare.
    private static final int FEW_RECEIVES = 10;
    // When a call that does not wait for messages counts as not answered.
    private static final Duration LONGEST_CALL = Duration.ofSeconds(5);
    private static final Duration MARGIN = Duration.ofMillis(100);
    private static final Duration LONGEST_CLOSE = Duration.ofDays(365);

    private final SqsSettings settings;
    private final Receives receives = new Receives();

    // Written first by start, read by any thread; null before.
    private volatile @Nullable Intake<SqsReceipt> intake;

    // Written by start before it starts the first thread, read by any thread; null before.
    private volatile @Nullable Running running;

    /** What there is once the lane is open; {@code ended} completes when all threads have. */
    private record Running(String queue, Backlog backlog, Leases leases, CompletableFuture<Void> ended) {}

    SqsSubscription(SqsSettings settings) {
        this.settings = settings;
    }

    @Override
    public void start(Intake<SqsReceipt> intake) {
        this.intake = intake;
        SqsClient given = settings.client();
        SqsClient client = given == null ? SqsClient.create() : given;
        CompletableFuture<Void> ended = new CompletableFuture<>();
        if (given == null) {
            CompletableFuture<Void> unused = ended.thenRun(client::close);
        }
        boolean begun = false;
        try {
            QueueFacts queue = QueueFacts.read(client, "queue", settings.queue());
            DeadLetterQueue deadLetters = deadLetters(client, queue);
            Duration lease = lease(queue);
            // Not after a stop that has overtaken us: no lane may be opened then.
            begun = receives.enter();
            if (begun) {
                begin(intake, client, queue, deadLetters, lease, ended);
            }
        } finally {
            if (begun) {
                receives.leave(0);
            }
            if (running == null) {
                ended.complete(null);
            }
        }
    }

    private void begin(
            Intake<SqsReceipt> intake,
            SqsClient client,
            QueueFacts queue,
            @Nullable DeadLetterQueue deadLetters,
            Duration lease,
            CompletableFuture<Void> ended) {
        LaneRules rules = LaneRules.PLAIN.withLease(lease).withCostlyRelease().boundedTo(BOUND);
        Lane<SqsReceipt> lane = intake.open(new LaneId(queue.name(), 0), queue.fifo() ? rules.holdingKeys() : rules);
        BatchCalls calls = new BatchCalls(client, queue.url(), LONGEST_CALL);
        Backlog backlog = new Backlog(intake, lane, queue.fifo(), deadLetters != null, settings.deleteInterval());
        // One that hangs must leave time for the next.
        Duration third = lease.dividedBy(3);
        BatchCalls leaseCalls =
                new BatchCalls(client, queue.url(), third.compareTo(LONGEST_CALL) < 0 ? third : LONGEST_CALL);
        Leases leases = new Leases(queue.name(), intake, leaseCalls, lease);
        ReceiveCalls receiveCalls =
                new ReceiveCalls(client, intake, queue, settings.waitTime(), lease, settings.overdue(), LONGEST_CALL);
        running = new Running(queue.name(), backlog, leases, ended);

        List<Runnable> work = new ArrayList<>();
        int settlers = queue.fifo() ? 1 : settings.receivers(); // FIFO is settled in order
        for (int i = 0; i < settlers; i++) {
            work.add(new Settler(queue.name(), intake, backlog, calls, null));
        }
        if (deadLetters != null) {
            work.add(new Settler(queue.name(), intake, backlog, calls, deadLetters));
        }
        work.add(leases);
        for (int i = 0; i < settings.receivers(); i++) {
            work.add(new Receiver(queue, receiveCalls, calls, intake, lane, receives));
        }
        tell(queue, lease);
        run(intake, work, ended);
    }

    private static void run(Intake<SqsReceipt> intake, List<Runnable> work, CompletableFuture<Void> ended) {
        AtomicInteger left = new AtomicInteger(work.size());
        int started = 0;
        try {
            for (Runnable each : work) {
                Runnable counted = () -> {
                    try {
                        each.run();
                    } finally {
                        count(left, 1, ended);
                    }
                };
                intake.threads().newThread(counted).start();
                started++;
            }
        } finally {
            count(left, work.size() - started, ended); // where no more threads could be had
        }
    }

    private static void count(AtomicInteger left, int by, CompletableFuture<Void> ended) {
        if (left.addAndGet(-by) == 0) {
            ended.complete(null);
        }
    }

    private @Nullable DeadLetterQueue deadLetters(SqsClient client, QueueFacts queue) {
        String setting = "deadLetterQueue";
        QueueFacts letters;
        if (settings.deadLetters() instanceof DeadLetters.Queue given) {
            letters = QueueFacts.read(client, setting, given.nameOrUrl());
        } else if (settings.deadLetters() instanceof DeadLetters.RedrivePolicy) {
            String target = queue.redrive()
                    .map(QueueFacts.Redrive::target)
                    .orElseThrow(() -> new IllegalStateException("deadLetterQueueOfRedrivePolicy of queue = \""
                            + queue.name() + "\": the queue has no redrive policy; set deadLetterQueue instead"));
            letters = QueueFacts.ofArn(client, setting, target);
        } else {
            return null;
        }
        if (letters.url().equals(queue.url())) {
            throw new IllegalStateException(
                    setting + " = \"" + letters.url() + "\", must be another queue than is received from");
        }
        return new DeadLetterQueue(client, letters, LONGEST_CALL);
    }

    private void tell(QueueFacts queue, Duration lease) {
        log.info(
                "sqs receiving queue={} url={} fifo={} lease={} receivers={} waitTime={} maxReceives={}",
                queue.name(),
                queue.url(),
                queue.fifo(),
                lease,
                settings.receivers(),
                settings.waitTime(),
                queue.redrive().map(QueueFacts.Redrive::maxReceives));
        Duration wait = settings.waitTime();
        if (wait.compareTo(settings.longestWait()) < 0) {
            log.info(
                    "sqs waits shorter than waitTime, or the drain would not hear that receiving has stopped queue={} waitTime={} waits={}",
                    queue.name(),
                    settings.longestWait(),
                    wait);
        }
        if (wait.compareTo(settings.stopTime()) >= 0) {
            log.warn(
                    "sqs cannot wait so shortly that a drain hears that receiving has stopped queue={} waits={} stopReceiving={}",
                    queue.name(),
                    wait,
                    settings.stopTime());
        }
        int most = queue.redrive().map(QueueFacts.Redrive::maxReceives).orElse(Integer.MAX_VALUE);
        if (most < FEW_RECEIVES) {
            log.warn(
                    "sqs moves messages away after few receives; each failed try counts, each drain that gives a message back, and each"
                            + " receive whose answer is lost: set maxReceiveCount to {} at least queue={} maxReceives={}",
                    FEW_RECEIVES,
                    queue.name(),
                    most);
        }
    }

    private Duration lease(QueueFacts queue) {
        Duration set = settings.lease();
        if (set != null) {
            return set;
        }
        if (queue.visibility().isZero()) {
            throw new IllegalStateException("the visibility timeout of queue = \"" + queue.name()
                    + "\" is PT0S: set visibilityTimeout from PT1S to " + SqsSource.LONGEST_LEASE);
        }
        return queue.visibility();
    }

    /** {@inheritDoc} Exceptionally too when a receive was broken off: the broker may have given it something. */
    @Override
    public CompletionStage<Void> stopReceiving() {
        CompletionStage<Void> stopped = receives.stop();
        Running it = running;
        if (it != null) {
            it.backlog.hurry();
        }
        return stopped;
    }

    @Override
    public void settle(List<? extends Settlement<SqsReceipt>> run) {
        started().backlog.add(run);
    }

    @Override
    public CompletionStage<List<Extension>> extend(List<Delivery<SqsReceipt>> held) {
        return started().leases.extend(held);
    }

    private Running started() {
        Running it = running;
        if (it == null) {
            throw new IllegalStateException("queue = \"" + settings.queue() + "\" has not started to receive");
        }
        return it;
    }

    /**
     * Throws when a call of ours has not returned in time. The thread of one that is left behind ends by itself, when the call is
     * overdue at the latest, and gives back what it receives.
     */
    @Override
    public void close(Duration atMost) throws InterruptedException, TimeoutException {
        Intake<SqsReceipt> host = intake;
        if (host == null) {
            return;
        }
        long end = host.nanoTime() + Math.max(0, capped(atMost).minus(MARGIN).toNanos());
        CompletionStage<Void> stopped = receives.stop();
        Running it = running;
        if (it == null) { // a start under way; at once when it never came to open its lane
            host.await(stopped, left(host, end));
            it = running;
        }
        if (it == null) {
            return;
        }
        int open = 0;
        boolean ended;
        try {
            it.backlog.close();
            it.leases.close();
            ended = host.await(it.ended, left(host, end));
        } finally {
            open = it.backlog.abandon();
        }
        if (!ended) {
            throw new TimeoutException("queue = \"" + it.queue + "\": calls of SQS have not returned within " + atMost
                    + ", settlements without an answer: " + open + ", receives left behind: " + receives.underWay());
        }
    }

    private static Duration left(Intake<SqsReceipt> host, long end) {
        return Duration.ofNanos(Math.max(0, end - host.nanoTime()));
    }

    private static Duration capped(Duration time) {
        return time.compareTo(LONGEST_CLOSE) > 0 ? LONGEST_CLOSE : time;
    }
}
