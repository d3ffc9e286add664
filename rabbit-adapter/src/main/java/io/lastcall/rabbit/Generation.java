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
    private final RabbitSource source;
    private final Connection connection;
    private final Channel channel;
    private final Lane<DeliveryTag> lane;
    private final ServerRules server;
    private final Owner owner;
    private final Intake<DeliveryTag> intake;
    private final Doorstep doorstep;
    private final String instance = UUID.randomUUID().toString();
    private final AckLedger ledger = new AckLedger();

    // All below: owner thread.
    private @Nullable Receiver receiver;
    private String consumerTag = "";
    private int subscriptions;
    private int prefetch;
    private boolean dead;
    private long writtenAt;

    Generation(
            long epoch,
            RabbitSource source,
            Connection connection,
            Channel channel,
            Owner owner,
            Intake<DeliveryTag> intake) {
        this.epoch = epoch;
        this.source = source;
        this.connection = connection;
        this.channel = channel;
        this.owner = owner;
        this.intake = intake;
        this.server = ServerRules.of(connection.getServerProperties());
        this.prefetch = wantedPrefetch();
        this.lane = intake.open(new LaneId(source.queueName(), epoch), rules());
        this.doorstep = new Doorstep(lane, owner.gate(), source.isSingleActive());
        channel.addShutdownListener(signal -> owner.post(() -> owner.lose(this, signal)));
    }

    // What the broker sends unacknowledged is bounded by the prefetch, and what is acknowledged and unanswered by as
    // many again; the
    // prefetch may be raised while the lane lives.
    private LaneRules rules() {
        LaneRules rules = LaneRules.PLAIN.boundedTo(2 * MOST_PREFETCH);
        return isReleaseFree() ? rules : rules.withCostlyRelease();
    }

    /** Whether giving back costs nothing, neither an attempt nor the order. */
    boolean isReleaseFree() {
        return server.freeRelease(source.queueType()) && !source.isSingleActive();
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

    /** Answers settlements that can no longer be told. */
    void refuse(List<? extends Settlement<DeliveryTag>> late, @Nullable Throwable why) {
        if (!late.isEmpty()) {
            lane.unsettled(late, Failure.refused("channel " + epoch + " of " + source.queueName() + " is gone", why));
        }
    }

    // ---- dispatcher ----

    Delivery<DeliveryTag> delivery(Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
        return new Delivery<>(
                new AmqpMessage(source.queueName(), instance, envelope, properties, body),
                new DeliveryTag(this, envelope.getDeliveryTag()));
    }

    void cancelledByServer() {
        owner.post(() -> owner.lose(
                this,
                new IOException(
                        "the server cancelled the subscription: the queue is gone, or a delivery was held longer than"
                                + " the consumer timeout of the queue")));
    }

    /** What still waits cannot be offered any more, unless another receiver is there. */
    void receiverEnds() {
        owner.post(() -> {
            if (!dead && receiver == null) {
                ledger.giveBack(doorstep.clear(), this);
            }
        });
    }

    // ---- receiving ----

    /** Declares what the user wants declared, and asks for deliveries unless the stop was asked for. */
    void begin() throws IOException {
        RabbitQueue declared = source.declared();
        if (declared != null) {
            declared.declareOn(channel);
        }
        subscribe();
    }

    private void subscribe() throws IOException {
        if (!doorstep.enter()) {
            return;
        }
        Receiver next = new Receiver(this, doorstep);
        try {
            channel.basicQos(prefetch, false);
            subscriptions++;
            String tag = intake.consumer() + "-" + epoch + "-" + subscriptions;
            channel.basicConsume(source.queueName(), false, tag, false, false, source.consumerArguments(), next);
            consumerTag = tag;
            receiver = next;
        } finally {
            if (receiver != next) {
                next.end();
            }
        }
    }

    /**
     * Asks for no more. Where the broker is asked, the receiver ends when its confirmation has passed the dispatcher. A single active
     * consumer stays: cancelled, it would hand the queue on while older messages are still here.
     */
    void stop() throws IOException {
        if (receiver != null && !source.isSingleActive()) {
            doorstep.open();
            receiver = null;
            channel.basicCancel(consumerTag);
        }
    }

    /** There is capacity again. */
    void resume() {
        doorstep.open();
    }

    /**
     * A prefetch holds for consumers that begin after it was set: a new subscription is made before the old one is cancelled. A
     * single active consumer would lose its place by that, and keeps its prefetch until the next connection.
     */
    void limitChanged() throws IOException {
        int wanted = wantedPrefetch();
        if (receiver != null && wanted != prefetch && !source.isSingleActive()) {
            prefetch = wanted;
            Receiver before = receiver;
            String tagBefore = consumerTag;
            subscribe();
            if (receiver != before) {
                channel.basicCancel(tagBefore);
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
        } else if (source.isSingleActive() && owner.gate().isAsked()) {
            // Given back now, it would come again at once: the close gives back all at a stroke, in order.
            ledger.addUntilClose(run);
        } else {
            ledger.add(run);
        }
    }

    /** Does what is due now. */
    void work(long now) throws IOException {
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
        boolean asks = !ledger.isAsked() && ledger.written() > 0;
        return asks ? Math.max(0, writtenAt + CONFIRM_AFTER - now) : Long.MAX_VALUE;
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

    /** Writes what is queued, before something that waits for the broker. */
    void tell() throws IOException {
        ledger.write(this);
    }

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
        all.addAll(ledger.untilClose());
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
        refuse(ledger.untilClose(), why);
        List<Settlement<DeliveryTag>> unknown = ledger.unanswered();
        if (!unknown.isEmpty()) {
            lane.unsettled(
                    unknown,
                    Failure.unknown(
                            "channel " + epoch + " of " + source.queueName()
                                    + " was lost before the broker had answered",
                            why));
        }
        connection.abort(ABORT_MILLIS);
    }
}
