package io.lastcall.examples.demo;

import io.lastcall.ConsumerBuilder;
import io.lastcall.MessageConsumer;
import io.lastcall.memory.MemoryQueue;
import io.lastcall.memory.MemorySettings;
import io.lastcall.message.Outcome;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Orders on a queue in this process. Safe for any thread. */
final class MemoryOrders implements OrderBroker {

    private static final int ROOM = 10_000;

    private final MemoryQueue queue = new MemoryQueue(new MemorySettings("orders", ROOM).deadLetters(1_000_000));

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public String description() {
        return "a queue in this process";
    }

    /** Never. */
    @Override
    public CompletionStage<String> gone() {
        return new CompletableFuture<>();
    }

    @Override
    public boolean publish(Order order, Ledger ledger) {
        boolean room = queue.tryPublish(order.key(), order.body());
        if (room) {
            ledger.published(order);
        }
        return room;
    }

    @Override
    public void finishPublishing() {
        queue.close();
    }

    @Override
    public ConsumerBuilder<byte[]> subscribe() {
        return MessageConsumer.from(queue.source());
    }

    @Override
    public Map<String, AutoCloseable> resources() {
        return Map.of();
    }

    /** The queue is closed: a second consumer takes what is left, and ends by itself. */
    @Override
    public Evidence readBack() {
        List<Integer> dead = queue.deadLetters().letters().stream()
                .map(letter -> Order.read(letter.message().body()).id())
                .toList();
        ConcurrentLinkedQueue<Integer> left = new ConcurrentLinkedQueue<>();
        MessageConsumer reader = MessageConsumer.from(queue.source())
                .name("read-back")
                .handle((message, context) -> {
                    left.add(Order.read(message.body()).id());
                    return Outcome.accept();
                });
        var started = reader.beginStart();
        var report = reader.ended().toCompletableFuture().join();
        if (!report.clean()) {
            throw new IllegalStateException("what is left could not be read back: " + report.describe() + started);
        }
        return new Evidence(List.copyOf(left), dead);
    }

    @Override
    public String whereAvailable() {
        return "in the queue";
    }

    @Override
    public void close() {
        queue.close();
    }
}
