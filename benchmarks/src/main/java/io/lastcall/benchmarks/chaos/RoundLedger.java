package io.lastcall.benchmarks.chaos;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** What was published and what the members have told of it so far; tells when a moment has come. Safe for any thread. */
final class RoundLedger {

    /** Guarded by this, as all below. */
    private final Set<Integer> published = new HashSet<>();

    private final Set<Integer> finished = new HashSet<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private boolean gathered;
    private int handledBefore;
    private boolean publishingEnded;

    private record Waiting(BooleanSupplier moment, CompletableFuture<Void> come) {}

    /** The broker has it. */
    void published(int id) {
        synchronized (this) {
            published.add(id);
        }
    }

    /** Nothing more comes from the publisher. */
    void publishingEnds() {
        synchronized (this) {
            publishingEnded = true;
        }
        look();
    }

    /** All members of the beginning are at work: what is counted is counted from here. */
    void gathers() {
        synchronized (this) {
            gathered = true;
            handledBefore = finished.size();
        }
        look();
    }

    /** A handler has told something. */
    void add(Step step) {
        synchronized (this) {
            if (step.what() == Step.What.FINISHED) {
                finished.add(step.id());
            }
        }
        look();
    }

    /** Completes when all members of the beginning are at work. */
    CompletableFuture<Void> gathered() {
        return when(() -> gathered);
    }

    /** Completes when so many different messages were handled to their end since {@link #gathers}. */
    CompletableFuture<Void> handled(int count) {
        return when(() -> gathered && finished.size() - handledBefore >= count);
    }

    /** Completes when publishing has ended and every published message was handled to its end. */
    CompletableFuture<Void> all() {
        return when(() -> publishingEnded && finished.size() >= published.size() && finished.containsAll(published));
    }

    synchronized Set<Integer> publishedIds() {
        return Set.copyOf(published);
    }

    private CompletableFuture<Void> when(BooleanSupplier moment) {
        CompletableFuture<Void> come = new CompletableFuture<>();
        synchronized (this) {
            waiting.add(new Waiting(moment, come));
        }
        look();
        return come;
    }

    private void look() {
        List<CompletableFuture<Void>> come = new ArrayList<>();
        synchronized (this) {
            waiting.removeIf(it -> it.moment.getAsBoolean() && come.add(it.come));
        }
        come.forEach(it -> it.complete(null));
    }
}
