package io.lastcall.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import io.lastcall.spi.Intake;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that talks on the channel: connects, subscribes, acknowledges, cancels, connects again after a loss, closes. Others
 * post to it and never wait. Its only waits are for the next letter, with a deadline, and for the broker's replies, which
 * {@link Wire#cut} ends.
 */
final class Owner implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Owner.class);
    private static final long FOREVER = Duration.ofDays(1).toNanos();
    private static final long LAST_DELIVERIES = Duration.ofSeconds(1).toNanos();

    private final RabbitSource source;
    private final Intake<DeliveryTag> intake;
    private final ConnectionFactory factory;
    private final Mailbox mailbox = new Mailbox();
    private final StopGate gate;
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Backoff backoff = new Backoff();

    // All below: owner thread.
    private @Nullable Generation generation;
    private long epoch;
    private long since;
    private long connectAt;
    private boolean refused;
    private long refusedSince;
    private boolean broken;
    private boolean closing;
    private long closeUntil;

    Owner(RabbitSource source, Intake<DeliveryTag> intake, StopGate gate, Wire wire, ThreadFactory threads) {
        this.source = source;
        this.intake = intake;
        this.gate = gate;
        this.factory = source.connectionFactory();
        factory.setAutomaticRecoveryEnabled(false);
        factory.useBlockingIo();
        factory.setThreadFactory(threads);
        // Its dispatcher runs what came on one channel in order, one at a time, on threads of that factory.
        factory.setSharedExecutor(null);
        wire.watch(factory);
        this.connectAt = intake.nanoTime();
    }

    // ---- any thread ----

    boolean post(Letter letter) {
        return mailbox.post(letter);
    }

    StopGate gate() {
        return gate;
    }

    /** Completes when the first subscription stands or the stop was asked for; exceptionally when it cannot stand. */
    CompletionStage<Void> started() {
        return started;
    }

    /** Completes when the thread has nothing left to do; exceptionally when it did not close in order. */
    CompletionStage<Void> ended() {
        return ended;
    }

    /** Makes it close by then; false when it has ended already. */
    boolean close(long until) {
        return post(() -> {
            closing = true;
            closeUntil = until;
        });
    }

    // ---- the thread ----

    @Override
    public void run() {
        Throwable failure = null;
        try {
            while (!closing) {
                CompletionStage<Void> bell = mailbox.nextBell();
                mailbox.take().forEach(this::attempt);
                if (gate.isAsked()) {
                    started.complete(null);
                }
                if (!closing) {
                    attempt(this::work);
                    intake.await(bell, Duration.ofNanos(dueIn()));
                }
            }
            closeInOrder();
        } catch (Throwable e) {
            failure = e;
            if (!closing) {
                broken = true;
                intake.failed(e); // nobody is left to receive
            }
            lose(e);
        } finally {
            mailbox.close().forEach(this::attempt);
            started.complete(null);
            if (failure == null) {
                ended.complete(null);
            } else {
                ended.completeExceptionally(failure);
            }
        }
    }

    private void attempt(Letter letter) {
        try {
            letter.open();
        } catch (IOException | ShutdownSignalException e) {
            lose(e);
        } catch (RuntimeException | Error e) {
            log.error("consumer={} source={} failed", intake.consumer(), source.name(), e);
            broken = true;
            lose(e);
            intake.failed(e);
        }
    }

    private void work() throws IOException {
        long now = intake.nanoTime();
        if (generation != null) {
            generation.work(now);
        } else if (mayConnect() && now - connectAt >= 0) {
            connect();
        }
    }

    private long dueIn() {
        long now = intake.nanoTime();
        if (generation != null) {
            return Math.min(FOREVER, generation.dueIn(now));
        }
        return mayConnect() ? Math.max(0, connectAt - now) : FOREVER;
    }

    private boolean mayConnect() {
        return !broken && !closing && !gate.isAsked();
    }

    // ---- connect ----

    private void connect() {
        Connection connection = null;
        try {
            connection = source.connect(factory, intake.consumer());
            connection.addBlockedListener(this::blocked, this::unblocked);
            Channel channel = connection.createChannel();
            if (channel == null) {
                throw new IOException("the server allows no more channels on a connection");
            }
            if (!gate.enter()) {
                connection.abort();
                return;
            }
            try {
                epoch++;
                generation = new Generation(epoch, source, connection, channel, this, intake);
                since = intake.nanoTime();
            } finally {
                gate.leave();
            }
            generation.begin();
        } catch (IOException | TimeoutException | RuntimeException e) {
            // A RuntimeException too: providers of credentials and configurators of sockets ask other servers, and
            // throw what they like.
            notConnected(connection, e);
            return;
        }
        refused = false;
        started.complete(null);
        log.info(
                "consumer={} source={} address={} connected server={} epoch={} prefetch={} releaseIsFree={}",
                intake.consumer(),
                source.name(),
                source.address(),
                generation.server().version(),
                epoch,
                generation.prefetch(),
                generation.isReleaseFree());
    }

    private void notConnected(@Nullable Connection connection, Exception error) {
        if (generation != null) {
            generation.die(error);
            generation = null;
        } else if (connection != null) {
            connection.abort();
        }
        IOException told =
                new IOException(source.name() + " at " + source.address() + ": " + Refusal.describe(error), error);
        long now = intake.nanoTime();
        if (!started.isDone()) {
            broken = true;
            started.completeExceptionally(told);
            return;
        }
        if (!Refusal.is(error)) {
            refused = false;
        } else if (!refused) {
            refused = true;
            refusedSince = now;
        } else if (now - refusedSince >= source.giveUpAfter().toNanos()) {
            broken = true;
            intake.failed(told);
            return;
        }
        long wait = backoff.next();
        connectAt = now + wait;
        log.warn(
                "consumer={} source={} address={} not connected, again in ms={} reason=\"{}\"",
                intake.consumer(),
                source.name(),
                source.address(),
                wait / 1_000_000,
                Refusal.describe(error));
    }

    // ---- loss ----

    /** The channel of this generation is gone. */
    void lose(Generation which, Throwable why) {
        if (which == generation) {
            lose(why);
        }
    }

    private void lose(Throwable why) {
        Generation lost = generation;
        if (lost == null) {
            return;
        }
        generation = null;
        lost.die(why);
        long now = intake.nanoTime();
        backoff.held(now - since);
        long wait = backoff.next();
        connectAt = now + wait;
        log.warn(
                "consumer={} source={} address={} lost epoch={} again={} in ms={} reason=\"{}\"",
                intake.consumer(),
                source.name(),
                source.address(),
                lost.epoch(),
                mayConnect(),
                wait / 1_000_000,
                Refusal.describe(why));
    }

    // Told to connections that publish; one that only acknowledges goes on, and should know why others do not.
    private void blocked(String reason) {
        log.warn("consumer={} source={} blocked by the server reason=\"{}\"", intake.consumer(), source.name(), reason);
    }

    private void unblocked() {
        log.info("consumer={} source={} no longer blocked", intake.consumer(), source.name());
    }

    /** Asks for no more deliveries. */
    void stop() throws IOException {
        if (generation != null) {
            generation.stop();
        }
    }

    void resume() {
        if (generation != null) {
            generation.resume();
        }
    }

    void limitChanged() throws IOException {
        if (generation != null) {
            generation.limitChanged();
        }
    }

    // ---- close ----

    private void closeInOrder() throws IOException, TimeoutException, InterruptedException {
        Generation last = generation;
        if (last == null) {
            return;
        }
        last.tell();
        last.stop();
        awaitLastDeliveries();
        // What the last receiver could not hand over: each is given back before the channel ends, which would count.
        mailbox.take().forEach(this::attempt);
        if (generation == null) {
            return;
        }
        generation = null;
        last.close((int) Math.max(1, Math.min(Integer.MAX_VALUE, left() / 1_000_000)));
        // What the dispatcher still has in hand ends with the channel.
        awaitLastDeliveries();
        log.info("consumer={} source={} disconnected epoch={}", intake.consumer(), source.name(), epoch);
    }

    private void awaitLastDeliveries() throws InterruptedException {
        intake.await(gate.ask(), Duration.ofNanos(Math.max(0, Math.min(LAST_DELIVERIES, left()))));
    }

    private long left() {
        return closeUntil - intake.nanoTime();
    }
}
