package io.lastcall.benchmarks.broker;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.jspecify.annotations.Nullable;

/** A loop over the bare client: it polls, handles, commits, and leaves between two polls. One thread directs it. */
final class BareMember implements GroupMember {

    private final KafkaStock stock;
    private final String group;
    private final Map<String, String> protocol;
    private final Consumer<byte[]> eye;

    /** The directing thread only; null before the first start. */
    private @Nullable CompletableFuture<Void> ended;

    /** Written by the directing thread, read by the loop. */
    private volatile boolean stopping;

    BareMember(KafkaStock stock, String group, Map<String, String> protocol, Consumer<byte[]> eye) {
        this.stock = stock;
        this.group = group;
        this.protocol = protocol;
        this.eye = eye;
    }

    @Override
    public void start() {
        stopping = false;
        CompletableFuture<Void> end = new CompletableFuture<>();
        ended = end;
        new Thread(() -> run(end), "bare-member").start();
    }

    private void run(CompletableFuture<Void> end) {
        try (KafkaConsumer<byte[], byte[]> client = KafkaLoop.client(stock, group, protocol)) {
            client.subscribe(List.of(stock.topic()));
            while (!stopping) {
                for (ConsumerRecord<byte[], byte[]> record : client.poll(Duration.ofMillis(100))) {
                    eye.accept(record.value());
                }
                client.commitSync();
            }
        } catch (Throwable e) {
            end.completeExceptionally(e);
        } finally {
            end.complete(null);
        }
    }

    @Override
    public void stop() throws ExecutionException, InterruptedException {
        stopping = true;
        if (ended != null) {
            ended.get();
        }
    }
}
