package io.lastcall.kafka;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.common.TopicPartition;

/** What is asked of the poll thread and what it answers. Safe for any thread. */
final class Requests {

    /**
     * To be carried out by the poll thread.
     *
     * @param to where to go
     * @param done completed by it with the new places
     */
    record Seek(KafkaStart to, CompletableFuture<Map<TopicPartition, Long>> done) {}

    /** Filled by whoever asks for a seek, emptied by the poll thread; by whoever asks once that has ended. */
    final Queue<Seek> seeks = new ConcurrentLinkedQueue<>();

    /** Completed by whoever asks to stop receiving. */
    final CompletableFuture<Void> stopAsked = new CompletableFuture<>();

    /** Completed by the poll thread: nothing is offered and no lane opened after it. */
    final CompletableFuture<Void> stopConfirmed = new CompletableFuture<>();

    /** Completed by whoever asks to close, with the time by which it must be over, on the intake's clock. */
    final CompletableFuture<Long> closeAsked = new CompletableFuture<>();

    /** Completed by the poll thread as its last act, with what went wrong while closing. */
    final CompletableFuture<Void> ended = new CompletableFuture<>();
}
