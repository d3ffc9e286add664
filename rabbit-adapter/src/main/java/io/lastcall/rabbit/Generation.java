package io.lastcall.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.RevokeReason;
import io.lastcall.spi.Settlement;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One connection with its one channel, from the connect to the loss, and all that dies with it: the lane, its tags, what was written
 * and not answered. Owner thread only, except where a method says otherwise.
 */
final class Generation implements AckLedger.Pen {

    /** AMQP's prefetch has sixteen bits, and 0 would mean no limit. */
    static final int MOST_PREFETCH = 65_535;

    /** A reply is asked for when so many settlements are written, or after {@link #CONFIRM_AFTER}. */
    private static final int CONFIRM_EVERY = 128;

    private static final long CONFIRM_AFTER = Duration.ofMillis(5).toNanos();
    private static final int ABORT_MILLIS = 1_000;

    private final long epoch;
    private final String queue;
    private final Connection connection;
    private final Channel channel;
    private final Lane<DeliveryTag> lane;
    private final ServerRules server;
    private final Owner owner;
    private final Intake<DeliveryTag> intake;
    private final String instance = UUID.randomUUID().toString();
    private final AckLedger ledger = new AckLedger();
    // Received and not yet settled: up by the dispatcher, down by whoever settles.
    private final AtomicInteger held = new AtomicInteger();
    // Set by the dispatcher, cleared by the owner: the owner is asked to look whether to pause.
    private final AtomicBoolean pauseAsked = new AtomicBoolean();
    // Written by the owner, read by the dispatcher.
    private volatile int prefetch;

    // All below: owner thread.
    private @Nullable Receiver receiver;
    private @Nullable String consumerTag;
    private int subscriptions;
    private boolean paused;
    private boolean dead;
    private boolean subscribeLater;
    private long subscribeAt;
    private long writtenAt;

    Generation(
            long epoch,
            RabbitSource source,
            Connection connection,
            Channel channel,
            Owner owner,
            Intake<DeliveryTag> intake) {
        this.epoch = epoch;
        this.queue = source.queue();
        this.connection = connection;
        this.channel = channel;
        this.owner = owner;
        this.intake = intake;
        this.server = ServerRules.of(connection.getServerProperties());
        this.prefetch = wantedPrefetch();
        this.lane = intake.open(new LaneId(queue, epoch), rules(source.queueType()));
        channel.addShutdownListener(signal -> owner.post(() -> owner.lose(this, signal)));
    }

    // What the broker sends unacknowledged is bounded by the prefetch, and what is acknowledged and unanswered by as
    // many again; the
    // prefetch may be raised while the lane lives.
    private LaneRules rules(QueueType type) {
        LaneRules rules = LaneRules.PLAIN.boundedTo(2 * MOST_PREFETCH);
        return server.freeRelease(type) ? rules : rules.withCostlyRelease();
    }

    // ---- any thread ----

    long epoch() {
        return epoch;
    }

    Channel channel() {
        return channel;
    }

    ServerRules server() {
        return server;
    }

    int prefetch() {
        return prefetch;
    }

    /** So many were passed to settle. */
    void settling(int count) {
        held.addAndGet(-count);
    }

    /** Answers settlements that can no longer be told. */
    void refuse(List<? extends Settlement<DeliveryTag>> late, @Nullable Throwable why) {
        if (!late.isEmpty()) {
            lane.unsettled(late, Failure.refused("channel " + epoch + " of " + queue + " is gone", why));
        }
    }

    // ---- dispatcher ----

    Delivery<DeliveryTag> delivery(Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
        return new Delivery<>(
                new AmqpMessage(queue, instance, envelope, properties, body),
                new DeliveryTag(this, envelope.getDeliveryTag()));
    }

    boolean offer(Delivery<DeliveryTag> delivery) {
        held.incrementAndGet();
        if (!lane.offer(List.of(delivery))) {
            held.decrementAndGet();
            return false;
        }
        // A full account is not a pause: the prefetch keeps the broker from sending more.
        if (lane.capacity() <= 0 && held.get() < prefetch && pauseAsked.compareAndSet(false, true)) {
            owner.post(this::pause);
        }
        return true;
    }

    void cancelledByServer(Receiver which) {
        owner.post(() -> {
            if (which == receiver) {
                receiver = null;
                subscribeLater = true;
                subscribeAt = owner.cancelledByServer(this);
            }
        });
    }

    void giveBack(List<Long> tags) {
        owner.post(() -> {
            if (!dead) {
                ledger.giveBack(tags, this);
            }
        });
    }

    // ---- receiving ----

    /** Asks for deliveries, unless the stop was asked for or nothing is wanted now. */
    void subscribe() throws IOException {
        subscribeLater = false;
        if (dead || receiver != null) {
            return;
        }
        if (lane.capacity() <= 0) {
            paused = true;
            return;
        }
        paused = false;
        StopGate gate = owner.gate();
        if (!gate.enter()) {
            return;
        }
        Receiver next = new Receiver(this, gate);
        try {
            channel.basicQos(prefetch, false);
            subscriptions++;
            consumerTag =
                    channel.basicConsume(queue, false, intake.consumer() + "-" + epoch + "-" + subscriptions, next);
            receiver = next;
        } finally {
            if (receiver != next) {
                next.end();
            }
        }
    }

    /** Asks for no more; the receiver ends when the broker's confirmation has passed the dispatcher. */
    void cancel() throws IOException {
        if (receiver != null && consumerTag != null) {
            receiver = null;
            channel.basicCancel(consumerTag);
        }
    }

    private void pause() throws IOException {
        pauseAsked.set(false);
        // This reading arms the signal that resumes.
        if (!dead && receiver != null && lane.capacity() <= 0 && held.get() < prefetch) {
            paused = true;
            cancel();
        }
    }

    /** There is capacity again. */
    void resume() throws IOException {
        if (paused) {
            subscribe();
        }
    }

    /** A prefetch holds for consumers that begin after it was set, so the subscription is made anew. */
    void limitChanged() throws IOException {
        int wanted = wantedPrefetch();
        if (wanted != prefetch) {
            prefetch = wanted;
            if (receiver != null) {
                cancel();
                subscribe();
            }
        }
    }

    private int wantedPrefetch() {
        return Math.min(intake.limit(), MOST_PREFETCH);
    }

    // ---- settling ----

    void settle(List<? extends Settlement<DeliveryTag>> run) {
        if (dead) {
            refuse(run, null);
        } else {
            ledger.add(run);
        }
    }

    /** Does what is due now. */
    void work(long now) throws IOException {
        if (subscribeLater && now - subscribeAt >= 0) {
            subscribe();
        }
        boolean first = ledger.written() == 0;
        ledger.write(this);
        if (first) {
            writtenAt = now;
        }
        if (!ledger.isAsked()
                && ledger.written() > 0
                && (ledger.written() >= CONFIRM_EVERY || now - writtenAt >= CONFIRM_AFTER)) {
            ask();
        }
    }

    /** Nanoseconds until something is due, {@link Long#MAX_VALUE} when nothing is. */
    long dueIn(long now) {
        long due = Long.MAX_VALUE;
        if (subscribeLater) {
            due = Math.max(0, subscribeAt - now);
        }
        if (!ledger.isAsked() && ledger.written() > 0) {
            due = Math.min(due, Math.max(0, writtenAt + CONFIRM_AFTER - now));
        }
        return due;
    }

    // Setting the same prefetch again changes nothing, and its reply says that the channel has taken all that was
    // written before.
    private void ask() throws IOException {
        ledger.ask();
        AMQP.Basic.Qos same =
                new AMQP.Basic.Qos.Builder().prefetchCount(prefetch).build();
        // A failure is a loss of the channel, which is told by its listener.
        var unused = channel.asyncCompletableRpc(same).thenRun(() -> owner.post(this::confirmed));
    }

    private void confirmed() {
        if (!dead) {
            lane.settled(ledger.answered());
        }
    }

    @Override
    public void ack(long tag, boolean multiple) throws IOException {
        channel.basicAck(tag, multiple);
    }

    @Override
    public void nack(long tag, boolean requeue) throws IOException {
        channel.basicNack(tag, false, requeue);
    }

    @Override
    public void reject(long tag, boolean requeue) throws IOException {
        channel.basicReject(tag, requeue);
    }

    // ---- the end ----

    /** Writes what is queued, closes channel and connection, and answers everything. */
    void close(int atMostMillis) throws IOException, TimeoutException {
        try {
            ledger.write(this);
            channel.close();
        } catch (IOException | TimeoutException | ShutdownSignalException e) {
            die(e);
            throw e;
        }
        // The reply to the close came: the channel has taken all that was written.
        dead = true;
        List<Settlement<DeliveryTag>> all = ledger.unanswered();
        if (!all.isEmpty()) {
            lane.settled(all);
        }
        connection.close(atMostMillis);
    }

    /** The channel is lost: all that is held is revoked, and all that is open answered. */
    void die(Throwable why) {
        if (dead) {
            return;
        }
        dead = true;
        receiver = null;
        lane.revoke(RevokeReason.LOST);
        refuse(ledger.untold(), why);
        List<Settlement<DeliveryTag>> unknown = ledger.unanswered();
        if (!unknown.isEmpty()) {
            lane.unsettled(
                    unknown,
                    Failure.unknown(
                            "channel " + epoch + " of " + queue + " was lost before the broker had answered", why));
        }
        connection.abort(ABORT_MILLIS);
    }
}
