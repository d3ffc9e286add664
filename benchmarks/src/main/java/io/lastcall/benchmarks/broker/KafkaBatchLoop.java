package io.lastcall.benchmarks.broker;

import io.lastcall.benchmarks.broker.MadeBody.Strand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * A loop over the bare client that hands each batch to threads, waits for all of it and commits; it stops between two batches. One thread
 * starts and stops it.
 */
final class KafkaBatchLoop implements AutoCloseable {

    private final KafkaConsumer<byte[], byte[]> client;
    private final String topic;
    private final StopHandler handler;
    private final ExecutorService threads = Executors.newCachedThreadPool(BareThreads.factory());
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /** Written by who stops, read by the loop. */
    private volatile boolean stopping;

    private KafkaBatchLoop(KafkaConsumer<byte[], byte[]> client, String topic, StopHandler handler) {
        this.client = client;
        this.topic = topic;
        this.handler = handler;
    }

    static KafkaBatchLoop start(KafkaStock stock, String group, int batch, StopHandler handler) {
        KafkaBatchLoop loop = new KafkaBatchLoop(
                KafkaLoop.client(stock, group, Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, batch)),
                stock.topic(),
                handler);
        loop.threads.execute(loop::run);
        return loop;
    }

    private void run() {
        try (client) {
            client.subscribe(List.of(topic));
            while (!stopping) {
                List<Future<?>> batch = new ArrayList<>();
                for (ConsumerRecord<byte[], byte[]> record : client.poll(Duration.ofMillis(100))) {
                    batch.add(threads.submit(() -> handler.handle(Strand.MESSAGE.number(record.value()))));
                }
                for (Future<?> each : batch) {
                    each.get();
                }
                client.commitSync();
            }
        } catch (Throwable e) {
            ended.completeExceptionally(e);
        } finally {
            ended.complete(null);
        }
    }

    /** Returns when the client is closed. */
    void stop() throws InterruptedException, ExecutionException {
        stopping = true;
        ended.get();
    }

    @Override
    public void close() throws InterruptedException, ExecutionException {
        stop();
        threads.shutdown();
    }
}
