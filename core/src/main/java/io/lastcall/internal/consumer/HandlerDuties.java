package io.lastcall.internal.consumer;

import io.lastcall.Problem;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.internal.dispatch.Answers;
import io.lastcall.internal.dispatch.Dispatcher;
import io.lastcall.internal.dispatch.Duties;
import io.lastcall.internal.dispatch.Verdict;
import io.lastcall.internal.time.Host;
import io.lastcall.message.DeadLetter;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import io.lastcall.spi.DeadLetterSink;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Source;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What workers do for one run: call the handler, rule on what it said, write dead letters, tell the source. Safe for any thread. */
public class HandlerDuties<R> implements Duties<R> {

    private static final Logger log = LoggerFactory.getLogger(HandlerDuties.class);
    private static final Duration ADMIT_AGAIN = Duration.ofSeconds(1);

    private final Plan<R> plan;
    private final Host host;
    private final Supplier<@Nullable Source<R>> source;
    private final Consumer<Problem> problems;
    private final @Nullable Admission<R> admission;
    private final Handling.@Nullable Blocking blocking;
    /** Stages of asynchronous handlers that have not completed. */
    private final Map<Entry<R>, CompletionStage<Outcome>> pending = new ConcurrentHashMap<>();
    /** Set once, before the run starts. */
    private @Nullable Dispatcher<R> dispatcher;

    private @Nullable Answers<R> answers;
    private Consumer<Throwable> onBroken = error -> {};
    /** Written when the source is to be closed, read before each settle call. */
    private volatile boolean closing;

    public HandlerDuties(
            Plan<R> plan,
            Host host,
            Supplier<@Nullable Source<R>> source,
            Consumer<Problem> problems,
            @Nullable Admission<R> admission) {
        this.plan = plan;
        this.host = host;
        this.source = source;
        this.problems = problems;
        this.admission = admission;
        this.blocking = plan.handling() instanceof Handling.Blocking it ? it : null;
    }

    void connect(Dispatcher<R> dispatcher, Answers<R> answers, Consumer<Throwable> onBroken) {
        this.dispatcher = dispatcher;
        this.answers = answers;
        this.onBroken = onBroken;
    }

    private Dispatcher<R> dispatcher() {
        Dispatcher<R> given = dispatcher;
        if (given == null) {
            throw new AssertionError("duties are not connected");
        }
        return given;
    }

    // ---- admission ----

    @Override
    public boolean admits() {
        return admission != null;
    }

    @Override
    public void admit(Entry<R> entry) {
        Admission<R> asked = admission;
        if (asked == null) {
            throw new AssertionError("nothing admits");
        }
        CompletionStage<Verdict> stage;
        try {
            stage = Objects.requireNonNull(asked.admit(entry.delivery()), "the admission returned null");
        } catch (Throwable e) {
            stage = CompletableFuture.failedFuture(e);
        }
        stage.whenComplete((verdict, error) -> {
            if (error != null) {
                problems.accept(new Problem("admit", "admission of " + id(entry) + " failed", error));
            }
            dispatcher().admissions().admitted(entry, error == null ? verdict : new Verdict.NotYet(ADMIT_AGAIN));
        });
    }

    @Override
    public void giveUp(Entry<R> entry) {
        Admission<R> granted = admission;
        if (granted == null) {
            return;
        }
        try {
            granted.giveUp(entry.delivery());
        } catch (Throwable e) {
            problems.accept(new Problem("admit", "admission of " + id(entry) + " could not be given up", e));
        }
    }

    // ---- handling ----

    @Override
    public @Nullable Outcome handle(Entry<R> entry) {
        Outcome decided = entry.outcomeOrNull();
        if (decided != null) {
            return decided;
        }
        Handling.Blocking direct = blocking;
        if (direct == null) {
            return begin(entry, (Handling.Asynchronous) plan.handling());
        }
        try {
            return rule(entry, direct.handle(entry.delivery().message(), entry));
        } catch (Throwable e) {
            return failed(entry, e);
        }
    }

    private @Nullable Outcome begin(Entry<R> entry, Handling.Asynchronous handling) {
        CompletionStage<Outcome> stage;
        CompletableFuture<Outcome> future;
        try {
            stage = Objects.requireNonNull(
                    handling.handle(entry.delivery().message(), entry),
                    () -> "the handler of consumer " + plan.name() + " returned null");
            future = stage.toCompletableFuture();
        } catch (Throwable e) {
            // Also a stage that has no future: nobody could cancel it.
            return failed(entry, e);
        }
        if (future.isDone()) {
            return future.handle((outcome, error) -> ruleOn(entry, outcome, error))
                    .join();
        }
        pending.put(entry, stage);
        stage.whenComplete((outcome, error) -> {
            pending.remove(entry);
            dispatcher().conclusions().completed(entry, ruleOn(entry, outcome, error));
        });
        return null;
    }

    @Override
    public @Nullable Runnable cancel(Entry<R> entry) {
        CompletionStage<Outcome> stage = pending.get(entry);
        return stage == null ? null : () -> stage.toCompletableFuture().cancel(true);
    }

    private Outcome ruleOn(Entry<R> entry, @Nullable Outcome outcome, @Nullable Throwable error) {
        if (error != null) {
            return failed(entry, error instanceof CompletionException e && e.getCause() != null ? e.getCause() : error);
        }
        return rule(entry, outcome);
    }

    /** What a handler's answer comes to, under the retry policy. */
    private Outcome rule(Entry<R> entry, @Nullable Outcome outcome) {
        if (outcome instanceof Outcome.Accept) {
            return outcome;
        }
        if (outcome == null) {
            return failed(entry, new NullPointerException("the handler of consumer " + plan.name() + " returned null"));
        }
        if (outcome instanceof Outcome.Retry retry) {
            return again(entry, retry.delay(), retry.cause());
        }
        if (outcome instanceof Outcome.Reject reject) {
            log.debug(
                    "consumer={} message={} rejected by its handler reason=\"{}\" dropped={}",
                    plan.name(),
                    id(entry),
                    reject.reason(),
                    plan.drops());
        }
        return outcome;
    }

    /** H12: a handler that ends because it was told to end has not failed. */
    private Outcome failed(Entry<R> entry, Throwable error) {
        return again(entry, Optional.empty(), error);
    }

    protected Outcome again(Entry<R> entry, Optional<Duration> delay, @Nullable Throwable cause) {
        if (entry.told() != null) {
            return Outcome.release();
        }
        int made = entry.attempt();
        int failed = entry.failedAgain();
        if (made >= plan.retry().maxAttempts()) {
            String reason = "gave up after " + made + (made == 1 ? " attempt" : " attempts");
            problems.accept(new Problem(
                    Problems.HANDLER,
                    "message " + id(entry) + (plan.drops() ? " is dropped: " : ": ") + reason,
                    cause));
            return Outcome.reject(reason, cause);
        }
        Duration wait = delay.orElseGet(() -> plan.retry().waitAfter(failed, host.random()));
        log.debug(
                "consumer={} message={} attempt={} failed, again in_ms={} error={}",
                plan.name(),
                id(entry),
                made,
                wait.toMillis(),
                String.valueOf(cause));
        return new Outcome.Retry(Optional.of(wait), cause);
    }

    // ---- conclusion ----

    @Override
    public boolean concludes(Outcome outcome) {
        return outcome instanceof Outcome.Reject && plan.deadLetters().isPresent();
    }

    @Override
    public boolean drops() {
        return plan.drops();
    }

    @Override
    public void conclude(Entry<R> entry) {
        DeadLetterSink sink = plan.deadLetters().orElseThrow();
        Outcome.Reject reject = (Outcome.Reject) entry.outcome();
        Message<byte[]> message = entry.delivery().message();
        CompletionStage<Void> written;
        try {
            DeadLetter letter = new DeadLetter(message, reject.reason(), reject.cause(), entry.attempts(), plan.name());
            written = Objects.requireNonNull(sink.write(letter), "the dead letter sink returned null");
        } catch (Throwable e) {
            written = CompletableFuture.failedFuture(e);
        }
        written.whenComplete((nothing, error) -> {
            if (error != null) {
                problems.accept(new Problem("deadLetter", "dead letter of " + id(entry) + " was not written", error));
            }
            dispatcher().conclusions().concluded(entry, error == null);
        });
    }

    @Override
    public void broken(Throwable error) {
        onBroken.accept(error);
    }

    // ---- settling ----

    /** No settle call is begun any more: the source is being closed. What was not told stays unanswered. */
    void close() {
        closing = true;
    }

    @Override
    public void settle(LaneBook<R> lane, List<Entry<R>> run) {
        Source<R> open = source.get();
        if (closing) {
            return;
        }
        try {
            if (open == null) {
                throw new IllegalStateException("there is no source");
            }
            open.settle(run);
        } catch (Throwable e) {
            problems.accept(new Problem("settle", run.size() + " settlements of lane " + lane.id + " failed", e));
            Answers<R> taken = answers;
            if (taken != null) {
                taken.unsettled(lane, run, Failure.unknown("settle threw", e));
            }
        }
    }

    private String id(Entry<R> entry) {
        return entry.delivery().message().id();
    }
}
