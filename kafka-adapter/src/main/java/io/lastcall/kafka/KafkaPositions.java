package io.lastcall.kafka;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Moves a running consumer to other places of its partitions: back, to handle again what a faulty version has handled, or onward, to
 * leave something out. Handed to {@link KafkaSource#positions}. Safe for any thread.
 *
 * <p>A seek is a drain of all lanes that this consumer has: what has not started is dropped, what runs may finish within
 * {@link KafkaSource#revokeWait}, what is done is committed; then the new places are committed and read from. Other members of the
 * group go on where they are.
 */
public final class KafkaPositions {

    private record Running(Requests requests, Wakeup wakeup) {}

    // Written by the thread that starts the consumer, read by any.
    private volatile @Nullable Running running;

    /** For one source. */
    public KafkaPositions() {}

    void attach(Requests requests, Wakeup wakeup) {
        running = new Running(requests, wakeup);
    }

    /**
     * Moves the partitions that this consumer has now.
     *
     * @param to the place; of {@link KafkaStart#offsets} only partitions that this consumer has are moved
     * @return completes on the poll thread, which must not be kept, with the places that were moved to; with an
     *     {@link IllegalStateException} when no consumer runs or it is about to stop, and with the client's exception when a place could
     *     not be looked up; then nothing was moved
     */
    public CompletionStage<Map<TopicPartition, Long>> seek(KafkaStart to) {
        CompletableFuture<Map<TopicPartition, Long>> done = new CompletableFuture<>();
        Running now = running;
        if (now == null) {
            done.completeExceptionally(new IllegalStateException("no consumer with these positions runs"));
            return done;
        }
        now.requests.seeks.add(new Requests.Seek(to, done));
        now.wakeup.now();
        if (now.requests.ended.isDone()) {
            Seeking.refuseAll(now.requests);
        }
        return done.minimalCompletionStage();
    }
}
