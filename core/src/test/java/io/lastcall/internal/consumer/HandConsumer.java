package io.lastcall.internal.consumer;

import io.lastcall.ConsumerListener;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.Retry;
import io.lastcall.Workers;
import io.lastcall.internal.time.SystemHost;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A consumer over a {@link HandSource}: the test sets what it needs, then starts it. Events are latches by name. Test thread. */
final class HandConsumer {

    final HandSource source = new HandSource();
    final List<ConsumerListener> listeners = new ArrayList<>();
    final List<String> handled = new CopyOnWriteArrayList<>();
    private final Map<String, CountDownLatch> events = new ConcurrentHashMap<>();
    DrainSettings drain = DrainSettings.DEFAULT;
    Ordering ordering = Ordering.byKey();
    Retry retry = Retry.fixed(3, Duration.ofMinutes(10));
    Assembly<Integer> assembly = new Assembly<>();
    int concurrency = 2;
    int limit = 1000;

    /** A handler that may throw. */
    interface Handler {
        Outcome handle(Message<byte[]> message) throws Exception;
    }

    RestartableConsumer<Integer> start(Handler handler) {
        return start((Handling.Blocking) (message, context) -> {
            handled.add(message.id());
            happens("begins " + message.id());
            Outcome outcome = handler.handle(message);
            happens("ends " + message.id());
            return outcome;
        });
    }

    RestartableConsumer<Integer> start(Handling handling) {
        Plan<Integer> plan = new Plan<>(
                "test",
                source,
                concurrency,
                limit,
                ordering,
                null,
                drain,
                retry,
                Optional.empty(),
                false,
                Workers.PLATFORM,
                List.copyOf(listeners),
                handling);
        RestartableConsumer<Integer> consumer = new RestartableConsumer<>(plan, SystemHost::open, assembly);
        MessageConsumer unused = consumer.start();
        return consumer;
    }

    private CountDownLatch event(String name) {
        return events.computeIfAbsent(name, it -> new CountDownLatch(1));
    }

    void happens(String name) {
        event(name).countDown();
    }

    /** Waits until it has happened, for good. */
    void await(String name) throws InterruptedException {
        if (!event(name).await(20, TimeUnit.SECONDS)) {
            throw new AssertionError("never came: " + name + "; handled " + handled + ", told " + source.toldIds());
        }
    }

    /** Waits through interrupts: what a stubborn handler does. */
    void awaitStubbornly(String name) {
        boolean there = false;
        while (!there) {
            try {
                await(name);
                there = true;
            } catch (InterruptedException e) {
                happens("interrupted");
            }
        }
    }

    static DrainReport drain(MessageConsumer consumer, DrainRequest request) throws Exception {
        return consumer.beginDrain(request).toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
