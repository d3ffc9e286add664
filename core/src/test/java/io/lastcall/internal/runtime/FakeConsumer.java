package io.lastcall.internal.runtime;

import io.lastcall.ConsumerSnapshot;
import io.lastcall.ConsumerState;
import io.lastcall.Counts;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A consumer that does what the test says, and writes down what it is asked. Safe for any thread. */
final class FakeConsumer implements MessageConsumer {

    /** What it does by itself when it is started or drained. */
    enum Manner {
        /** Nothing. */
        SILENT,
        /** Stands at once, ends clean at once. */
        PROMPT
    }

    private final String name;
    private final Manner manner;
    final List<DrainRequest> requests = new ArrayList<>();
    private CompletableFuture<Void> start = new CompletableFuture<>();
    private CompletableFuture<DrainReport> end = new CompletableFuture<>();
    private ConsumerState state = ConsumerState.NEW;
    private int starts;
    private Runnable onDrain = () -> {};
    Optional<DrainMode> mode = Optional.empty();

    FakeConsumer(String name, Manner manner) {
        this.name = name;
        this.manner = manner;
    }

    static FakeConsumer silent(String name) {
        return new FakeConsumer(name, Manner.SILENT);
    }

    static FakeConsumer prompt(String name) {
        return new FakeConsumer(name, Manner.PROMPT);
    }

    synchronized int starts() {
        return starts;
    }

    /** Runs when a drain is asked for. */
    void onDrain(Runnable task) {
        onDrain = task;
    }

    void stand() {
        start.complete(null);
    }

    void refuseToStart(Throwable cause) {
        start.completeExceptionally(new IllegalStateException("consumer " + name + " cannot start", cause));
    }

    void fail(Throwable cause) {
        end(report(Optional.of(cause), List.of()));
    }

    void endClean() {
        end(report(Optional.empty(), List.of()));
    }

    void endWith(Problem problem) {
        end(report(Optional.empty(), List.of(problem)));
    }

    private void end(DrainReport report) {
        synchronized (this) {
            state = ConsumerState.CLOSED;
        }
        end.complete(report);
    }

    private DrainReport report(Optional<Throwable> failure, List<Problem> problems) {
        return new DrainReport(
                name,
                requests.isEmpty() ? "failed" : requests.get(0).reason(),
                DrainMode.FINISH_STARTED,
                new Counts(10, 10, 0, 0, 0, 0, 0, 0),
                0,
                0,
                0,
                0,
                true,
                true,
                new DrainReport.Phases(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO),
                List.of(),
                problems,
                failure);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public CompletionStage<Void> beginStart() {
        synchronized (this) {
            starts++;
            state = ConsumerState.RUNNING;
            if (end.isDone()) {
                end = new CompletableFuture<>();
                start = new CompletableFuture<>();
            }
        }
        if (manner == Manner.PROMPT) {
            stand();
        }
        return start;
    }

    @Override
    public CompletionStage<DrainReport> beginDrain(DrainRequest request) {
        requests.add(request);
        onDrain.run();
        if (manner == Manner.PROMPT) {
            endClean();
        }
        return end;
    }

    @Override
    public CompletionStage<DrainReport> ended() {
        return end;
    }

    @Override
    public Optional<DrainMode> drainMode() {
        return mode;
    }

    @Override
    public synchronized ConsumerState state() {
        return state;
    }

    @Override
    public MessageConsumer start() {
        throw new AssertionError("the runtime does not wait");
    }

    @Override
    public DrainReport drain() {
        throw new AssertionError("the runtime does not wait");
    }

    @Override
    public void close() {
        throw new AssertionError("the runtime does not wait");
    }

    @Override
    public ConsumerSnapshot snapshot() {
        throw new AssertionError("not asked by the runtime");
    }

    @Override
    public void pause(String reason) {
        throw new AssertionError("not asked by the runtime");
    }

    @Override
    public void resume(String reason) {
        throw new AssertionError("not asked by the runtime");
    }

    @Override
    public void changeConcurrency(int concurrency) {
        throw new AssertionError("not asked by the runtime");
    }

    @Override
    public void changeLimit(int limit) {
        throw new AssertionError("not asked by the runtime");
    }
}
