package io.lastcall.rabbit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Confirms the stop once it was asked for and nobody is inside who could still open a lane or offer (S2, S3). Safe for any thread.
 */
final class StopGate {

    private final CompletableFuture<Void> confirmed = new CompletableFuture<>();

    @GuardedBy("this")
    private boolean asked;

    @GuardedBy("this")
    private int inside;

    /** Lets one in, who will offer; false once the stop was asked for. */
    synchronized boolean enter() {
        if (asked) {
            return false;
        }
        inside++;
        return true;
    }

    /** One who was let in will offer no more. */
    void leave() {
        boolean last;
        synchronized (this) {
            inside--;
            last = asked && inside == 0;
        }
        if (last) {
            confirmed.complete(null);
        }
    }

    /** Lets nobody in from now on. */
    CompletionStage<Void> ask() {
        boolean empty;
        synchronized (this) {
            asked = true;
            empty = inside == 0;
        }
        if (empty) {
            confirmed.complete(null);
        }
        return confirmed.minimalCompletionStage();
    }

    synchronized boolean isAsked() {
        return asked;
    }
}
