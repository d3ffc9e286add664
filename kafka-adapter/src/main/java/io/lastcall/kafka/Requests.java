package io.lastcall.kafka;

import java.util.concurrent.CompletableFuture;

/** What is asked of the poll thread and what it answers. Safe for any thread. */
final class Requests {

    /** Completed by whoever asks to stop receiving. */
    final CompletableFuture<Void> stopAsked = new CompletableFuture<>();

    /** Completed by the poll thread: nothing is offered and no lane opened after it. */
    final CompletableFuture<Void> stopConfirmed = new CompletableFuture<>();

    /** Completed by whoever asks to close, with the time by which it must be over, on the intake's clock. */
    final CompletableFuture<Long> closeAsked = new CompletableFuture<>();

    /** Completed by the poll thread as its last act, with what went wrong while closing. */
    final CompletableFuture<Void> ended = new CompletableFuture<>();
}
