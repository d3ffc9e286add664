package io.lastcall.kafka;

import io.lastcall.spi.Intake;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscription, as the core sees it. Safe for any thread: requests go to the poll thread, which alone touches the client.
 */
final class KafkaSubscription implements Source<KafkaMessage> {

    private static final Logger log = LoggerFactory.getLogger(KafkaSubscription.class);

    private final SubscriptionSettings settings;
    private final Requests requests = new Requests();

    /** Written once, under this; read by any thread. */
    private volatile @Nullable Running running;

    /** What exists once the poll thread runs. */
    private record Running(Intake<KafkaMessage> intake, Inbox inbox, Wakeup wakeup) {}

    KafkaSubscription(SubscriptionSettings settings) {
        this.settings = settings;
    }

    @Override
    public void start(Intake<KafkaMessage> intake) {
        Consumer<byte[], byte[]> client = settings.clients().make(settings.forClient(intake.consumer()));
        if (!launch(client, intake)) {
            client.close(CloseOptions.timeout(Duration.ZERO));
            return;
        }
        log.info(
                "kafka subscribed consumer={} to={} group={}",
                intake.consumer(),
                settings.subscription(),
                settings.group());
    }

    /** Starts the poll thread, unless a stop or a close was asked for while the client was made. */
    private synchronized boolean launch(Consumer<byte[], byte[]> client, Intake<KafkaMessage> intake) {
        if (requests.stopAsked.isDone() || requests.closeAsked.isDone()) {
            return false;
        }
        Wakeup wakeup = new Wakeup(client::wakeup);
        Inbox inbox = new Inbox(wakeup);
        Commits commits = new Commits(client, intake, wakeup, settings.commitInterval(), settings.commitAfter());
        CatchUp catchUp = settings.untilCaughtUp() ? new CatchUp(client, wakeup) : null;
        Shares shares = new Shares();
        Assignments assignments = new Assignments(
                client,
                intake,
                requests,
                wakeup,
                new Arrival(client, intake, wakeup, settings),
                new Departure(client, intake, requests, wakeup, inbox, commits, settings.revokeLimit()),
                settings.bound(),
                shares,
                catchUp);
        PollLoop loop =
                new PollLoop(client, intake, settings, requests, wakeup, inbox, commits, assignments, shares, catchUp);
        settings.positions().ifPresent(it -> it.attach(requests, wakeup));
        intake.onCapacity(wakeup::now);
        running = new Running(intake, inbox, wakeup);
        intake.threads().newThread(loop).start();
        return true;
    }

    @Override
    public CompletionStage<Void> stopReceiving() {
        Running loop;
        synchronized (this) {
            requests.stopAsked.complete(null);
            loop = running;
        }
        if (loop == null) {
            requests.stopConfirmed.complete(null);
        } else {
            loop.wakeup.now();
        }
        return requests.stopConfirmed.minimalCompletionStage();
    }

    @Override
    public void settle(List<? extends Settlement<KafkaMessage>> run) {
        Running loop = running;
        if (loop == null) {
            throw new IllegalStateException("settle before start");
        }
        loop.inbox.add(run);
    }

    @Override
    public void close(Duration atMost) throws Exception {
        Running loop;
        synchronized (this) {
            loop = running;
            long now = loop == null ? 0 : loop.intake.nanoTime();
            requests.closeAsked.complete(now + atMost.toNanos());
        }
        if (loop == null) {
            return;
        }
        loop.wakeup.now();
        if (!loop.intake.await(requests.ended, atMost)) {
            throw new TimeoutException(
                    "the poll thread of " + loop.intake.consumer() + " did not close within " + atMost);
        }
        try {
            requests.ended.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(loop.intake.consumer() + " did not close in order", e.getCause());
        }
    }
}
