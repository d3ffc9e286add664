package io.lastcall.rabbit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What others ask of the owner thread, in order. Posting is for any thread and does not block; the rest is the owner's.
 */
final class Mailbox {

    @GuardedBy("this")
    private List<Letter> letters = new ArrayList<>();

    @GuardedBy("this")
    private boolean closed;

    // Replaced by the owner before it takes the letters, completed by whoever posts: a letter that was not taken has
    // rung it.
    private volatile CompletableFuture<Void> bell = new CompletableFuture<>();

    /** Leaves a letter; false when nobody will read it. */
    boolean post(Letter letter) {
        synchronized (this) {
            if (closed) {
                return false;
            }
            letters.add(letter);
        }
        bell.complete(null);
        return true;
    }

    /** Completes when there is a letter that a {@link #take} after this call did not return. */
    CompletionStage<Void> nextBell() {
        CompletableFuture<Void> next = new CompletableFuture<>();
        bell = next;
        return next;
    }

    synchronized List<Letter> take() {
        List<Letter> taken = letters;
        letters = new ArrayList<>();
        return taken;
    }

    /** Takes no more letters, and returns the last. */
    synchronized List<Letter> close() {
        closed = true;
        return take();
    }
}
