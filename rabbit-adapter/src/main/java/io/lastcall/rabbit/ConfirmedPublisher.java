package io.lastcall.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmCallback;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes on a connection and a channel of its own, in confirm mode and mandatory: a publish is done when the broker has confirmed it
 * and has not returned it; to a direct reply-to the broker knows no return. Connects when there is something to publish, again after a
 * loss. Publishing and closing are for any thread, all else happens on its one thread.
 */
final class ConfirmedPublisher {

    /** The header by which a returned message is known again. */
    static final String ID = "lastcall-publish";

    // Not a queue to the server, which would deliver and return the same message.
    private static final String DIRECT = "amq.rabbitmq.reply-to.";

    private static final Logger log = LoggerFactory.getLogger(ConfirmedPublisher.class);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);
    private static final int ABORT_MILLIS = 1_000;

    /** One message on its way. */
    private static final class Parcel {
        final String id = UUID.randomUUID().toString();
        final String exchange;
        final String routingKey;
        final AMQP.BasicProperties properties;
        final byte[] body;
        final int headerBytes;
        final CompletableFuture<Void> safe = new CompletableFuture<>();
        // The publisher's thread.
        @Nullable
        String returned;

        @Nullable
        Future<?> timer;

        Parcel(String exchange, String routingKey, AMQP.BasicProperties properties, byte[] body) {
            this.exchange = exchange;
            this.routingKey = routingKey;
            Map<String, Object> headers = new HashMap<>();
            if (properties.getHeaders() != null) {
                headers.putAll(properties.getHeaders());
            }
            headers.put(ID, id);
            this.properties = properties.builder().headers(headers).build();
            this.body = body;
            this.headerBytes = encodedLength();
        }

        private int encodedLength() {
            try {
                return properties.toFrame(0, body.length).size();
            } catch (IOException e) {
                throw new IllegalArgumentException("to " + target() + ": headers that AMQP cannot say", e);
            }
        }

        String target() {
            return exchange.isEmpty() ? "queue " + routingKey : "exchange " + exchange + " with key " + routingKey;
        }
    }

    private final String name;
    private final ConnectionFactory factory;
    private final Duration within;
    private final ScheduledThreadPoolExecutor thread;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    // All below: the publisher's thread.
    private final NavigableMap<Long, Parcel> unconfirmed = new TreeMap<>();
    private final Queue<Parcel> waiting = new ArrayDeque<>();
    private @Nullable Connection connection;
    private @Nullable Channel channel;
    private boolean blocked;
    private boolean closing;

    /**
     * @param name of the thread and the connection
     * @param within how long one message may take
     */
    ConfirmedPublisher(String name, ConnectionFactory factory, Duration within) {
        this.name = name;
        this.factory = factory.clone();
        this.factory.setAutomaticRecoveryEnabled(false);
        int most = (int) Math.max(1, Math.min(Integer.MAX_VALUE, within.toMillis()));
        this.factory.setConnectionTimeout(shorter(factory.getConnectionTimeout(), most));
        this.factory.setHandshakeTimeout(shorter(factory.getHandshakeTimeout(), most));
        this.factory.setChannelRpcTimeout(shorter(factory.getChannelRpcTimeout(), most));
        this.within = within;
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, name);
            made.setDaemon(true);
            return made;
        });
        thread.setRemoveOnCancelPolicy(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    // The client takes 0 for no limit.
    private static int shorter(int given, int most) {
        return given <= 0 ? most : Math.min(given, most);
    }

    /** Completes on a thread of ours, which must not be kept. What AMQP cannot say fails before it costs others their channel. */
    CompletionStage<Void> publish(String exchange, String routingKey, AMQP.BasicProperties properties, byte[] body) {
        Parcel parcel;
        try {
            parcel = new Parcel(exchange, routingKey, properties, body);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
        try {
            thread.execute(() -> begin(parcel));
        } catch (RejectedExecutionException e) {
            parcel.safe.completeExceptionally(new IllegalStateException(name + " is closed", e));
        }
        return parcel.safe.minimalCompletionStage();
    }

    // ---- its thread ----

    private void begin(Parcel parcel) {
        if (closing) {
            parcel.safe.completeExceptionally(new IllegalStateException(name + " is closed"));
            return;
        }
        parcel.timer = thread.schedule(() -> late(parcel), within.toNanos(), TimeUnit.NANOSECONDS);
        send(parcel);
    }

    private void send(Parcel parcel) {
        if (blocked) {
            waiting.add(parcel);
            return;
        }
        try {
            Channel open = channel == null ? connect() : channel;
            int most = open.getConnection().getFrameMax();
            if (most > 0 && parcel.headerBytes > most) {
                // The client would refuse it too, but lose count of its confirms.
                end(
                        parcel,
                        new IOException("to " + parcel.target() + ": headers of " + parcel.headerBytes
                                + " bytes, the connection takes " + most));
                return;
            }
            unconfirmed.put(open.getNextPublishSeqNo(), parcel);
            boolean mandatory = !parcel.routingKey.startsWith(DIRECT);
            open.basicPublish(parcel.exchange, parcel.routingKey, mandatory, parcel.properties, parcel.body);
        } catch (IOException | TimeoutException | RuntimeException e) {
            end(parcel, new IOException("to " + parcel.target() + ": " + Refusal.describe(e), e));
            lose(e);
        }
    }

    private Channel connect() throws IOException, TimeoutException {
        Connection made = factory.newConnection(name);
        connection = made;
        made.addBlockedListener(reason -> onThread(() -> block(made, reason)), () -> onThread(() -> unblock(made)));
        Channel opened = made.createChannel();
        if (opened == null) {
            throw new IOException("the server allows no more channels on a connection");
        }
        opened.addShutdownListener(signal -> onThread(() -> lose(opened, signal)));
        opened.addReturnListener(back -> {
            Object id = back.getProperties().getHeaders() == null
                    ? null
                    : back.getProperties().getHeaders().get(ID);
            String why = back.getReplyCode() + " " + back.getReplyText();
            onThread(() -> returned(String.valueOf(id), why));
        });
        ConfirmCallback acked = (tag, multiple) -> onThread(() -> confirmed(opened, tag, multiple, true));
        ConfirmCallback nacked = (tag, multiple) -> onThread(() -> confirmed(opened, tag, multiple, false));
        opened.addConfirmListener(acked, nacked);
        opened.confirmSelect();
        channel = opened;
        return opened;
    }

    private void onThread(Runnable what) {
        try {
            thread.execute(what);
        } catch (RejectedExecutionException e) {
            log.debug("publisher={} is closed already", name, e);
        }
    }

    // The return comes before the confirmation of the same message.
    private void returned(String id, String why) {
        unconfirmed.values().stream().filter(it -> it.id.equals(id)).forEach(it -> it.returned = why);
    }

    private void confirmed(Channel by, long tag, boolean multiple, boolean well) {
        if (!by.equals(channel)) {
            return;
        }
        Map<Long, Parcel> which = multiple ? unconfirmed.headMap(tag, true) : unconfirmed.subMap(tag, true, tag, true);
        List<Parcel> all = List.copyOf(which.values());
        which.clear();
        for (Parcel parcel : all) {
            if (parcel.returned != null) {
                end(parcel, new IOException("to " + parcel.target() + ": returned, " + parcel.returned));
            } else {
                end(parcel, well ? null : new IOException("to " + parcel.target() + ": the broker could not store it"));
            }
        }
    }

    private void late(Parcel parcel) {
        String why = blocked ? ", the broker has blocked publishers" : "";
        end(parcel, new TimeoutException("to " + parcel.target() + ": not confirmed within " + within + why));
    }

    private void end(Parcel parcel, @Nullable Exception error) {
        unconfirmed.values().remove(parcel);
        waiting.remove(parcel);
        if (parcel.timer != null) {
            parcel.timer.cancel(false);
        }
        if (error == null) {
            parcel.safe.complete(null);
        } else {
            parcel.safe.completeExceptionally(error);
        }
        finishWhenEmpty();
    }

    private void block(Connection by, String reason) {
        if (by.equals(connection)) {
            blocked = true;
            log.warn("publisher={} blocked by the server reason=\"{}\"", name, reason);
        }
    }

    private void unblock(Connection by) {
        if (by.equals(connection) && blocked) {
            blocked = false;
            log.info("publisher={} no longer blocked waiting={}", name, waiting.size());
            List<Parcel> all = List.copyOf(waiting);
            waiting.clear();
            all.forEach(this::send);
        }
    }

    private void lose(Channel which, ShutdownSignalException why) {
        if (which.equals(channel)) {
            lose(why);
        }
    }

    // Whether they were stored nobody knows: who publishes again may publish twice, and none is lost.
    private void lose(Throwable why) {
        Connection lost = connection;
        connection = null;
        channel = null;
        blocked = false;
        List<Parcel> all = List.copyOf(unconfirmed.values());
        unconfirmed.clear();
        for (Parcel parcel : all) {
            end(parcel, new IOException("to " + parcel.target() + ": lost, " + Refusal.describe(why), why));
        }
        if (lost != null) {
            lost.abort(ABORT_MILLIS);
        }
        List<Parcel> next = List.copyOf(waiting);
        waiting.clear();
        next.forEach(this::send);
    }

    // ---- close ----

    /** Waits up to ten seconds for what is under way, then disconnects; what is left completes exceptionally. */
    void close() {
        try {
            thread.execute(() -> {
                closing = true;
                var unused = thread.schedule(this::finish, CLOSE_WITHIN.toNanos(), TimeUnit.NANOSECONDS);
                finishWhenEmpty();
            });
            ended.get(CLOSE_WITHIN.toNanos() * 2, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("publisher={} is closed already", name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("publisher={} did not close in order", name, e);
        }
    }

    private void finishWhenEmpty() {
        if (closing && unconfirmed.isEmpty() && waiting.isEmpty()) {
            finish();
        }
    }

    private void finish() {
        if (ended.isDone()) {
            return;
        }
        ended.complete(null);
        waiting.addAll(unconfirmed.values());
        unconfirmed.clear();
        for (Parcel parcel : waiting) {
            parcel.safe.completeExceptionally(new IOException("to " + parcel.target() + ": closed before confirmed"));
        }
        waiting.clear();
        thread.shutdown();
        Connection last = connection;
        if (last != null) {
            last.abort(ABORT_MILLIS);
        }
    }
}
