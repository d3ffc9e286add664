package io.lastcall.internal.consumer;

import io.lastcall.ConsumerListener;
import io.lastcall.ConsumerSnapshot;
import io.lastcall.ConsumerState;
import io.lastcall.Counts;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.Problem;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.dispatch.Answers;
import io.lastcall.internal.dispatch.Dispatcher;
import io.lastcall.internal.dispatch.Drainage;
import io.lastcall.internal.dispatch.Floor;
import io.lastcall.internal.dispatch.HandlerThread;
import io.lastcall.internal.dispatch.Leases;
import io.lastcall.internal.dispatch.Offers;
import io.lastcall.internal.drain.DrainSequence;
import io.lastcall.internal.drain.Order;
import io.lastcall.internal.lease.LeaseKeeper;
import io.lastcall.internal.time.Host;
import io.lastcall.internal.time.Promise;
import io.lastcall.spi.Source;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of one consumer, from start to report. Puts the parts together, keeps the state, and calls the source where hanging costs
 * nothing. Safe for any thread; the state is written on the control thread only.
 *
 * <ul>
 *   <li><b>I3</b> the source is called on threads of its own or on workers, listeners on theirs, never under the floor's lock.
 *   <li><b>I5</b> close is called by the drain sequence only, when no settle or extend is under way or the reserve began.
 * </ul>
 */
final class Engine<R> {

    private static final Logger log = LoggerFactory.getLogger(Engine.class);

    private static final int MOST_UNTOLD = 1_000;

    private final Plan<R> plan;
    private final Host host;
    private final ConsumerSnapshot before;
    /** Problems that listeners have not heard of. */
    private final AtomicInteger untold = new AtomicInteger();

    private final Problems problems;
    final Floor<R> floor;
    final Offers<R> offers;
    private final Answers<R> answers;
    private final Drainage<R> drainage;
    private final LeaseKeeper<R> leases;
    private final HandlerDuties<R> duties;
    private final DrainSequence<R> drain;
    final IntakeDoor<R> intake;
    private final Promise<Void> started;
    private final Promise<DrainReport> ended;
    /** Written on the control thread. */
    private volatile ConsumerState state = ConsumerState.NEW;
    /** Written on the control thread, once. */
    private volatile @Nullable Source<R> source;
    /** The source said that no more will come before its start had returned. Control thread only. */
    private boolean endedAtOnce;
    /** A call of the source's start has not returned. Written on the control thread. */
    private volatile boolean starting;

    Engine(Plan<R> plan, Host.Opener hosts, Assembly<R> assembly, ConsumerSnapshot before) {
        this.plan = plan;
        this.before = before;
        this.host = hosts.open(plan.name(), plan.workers());
        this.started = new Promise<>(host);
        this.ended = new Promise<>(host);
        this.problems = new Problems(plan.name(), this::tellOf);
        this.floor = assembly.floor(host, plan);
        Dispatcher<R> dispatcher = new Dispatcher<>(floor);
        this.offers = new Offers<>(floor);
        this.answers = new Answers<>(floor, dispatcher);
        this.drainage = assembly.drainage(floor, dispatcher);
        this.leases = assembly.leases(host, new Leases<>(floor, answers), () -> source, problems);
        this.drain = assembly.drain(host, drainage, new Steps(), plan.drain());
        this.duties = assembly.duties(plan, host, () -> source, problems);
        duties.connect(dispatcher, answers, this::broken);
        floor.furnish(dispatcher, duties, drain::advance);
        this.intake = new IntakeDoor<>(plan, host, floor, offers, answers, leases, problems, this::sourceEnded);
    }

    // ---- start ----

    CompletionStage<Void> start() {
        host.control(() -> {
            if (state != ConsumerState.NEW || drain.order() != null) {
                return;
            }
            become(ConsumerState.RUNNING);
            starting = true;
            host.detach("start", this::openSource);
        });
        return started.stage();
    }

    private void openSource() {
        try {
            Source<R> opened = plan.source().open();
            host.control(() -> startSource(opened));
        } catch (Throwable e) {
            host.control(() -> startReturned(e));
        }
    }

    private void startSource(Source<R> opened) {
        if (state != ConsumerState.RUNNING) {
            starting = false;
            return;
        }
        source = opened;
        host.detach("start", () -> {
            Throwable failure = null;
            try {
                opened.start(intake);
            } catch (Throwable e) {
                failure = e;
            }
            Throwable outcome = failure;
            host.control(() -> startReturned(outcome));
        });
    }

    private void startReturned(@Nullable Throwable error) {
        starting = false;
        if (error == null) {
            Promise.complete(started);
            if (endedAtOnce) {
                nothingMoreComes();
            }
            return;
        }
        if (state == ConsumerState.RUNNING) {
            problems.accept(new Problem("start", plan.source().name() + " could not start", error));
        }
        sourceEnded(error);
    }

    /** No more will come, or the source is broken: the same drain, with the cause in its report. */
    private void sourceEnded(@Nullable Throwable cause) {
        if (cause == null && starting) {
            host.control(this::nothingMoreComes);
        } else if (cause == null) {
            nothingMoreComes();
        } else {
            drain.request(
                    order("the source failed", usualMode(), cause, plan.drain().total()));
        }
    }

    /** A source that ends at once stood first: its start is heard before its end. */
    private void nothingMoreComes() {
        if (starting) {
            endedAtOnce = true;
        } else {
            drain.request(order(
                    "the source has ended",
                    DrainMode.FINISH_ALL,
                    null,
                    plan.drain().total()));
        }
    }

    /** An error of our own: better a drain that says so than a consumer that stands still. */
    private void broken(Throwable error) {
        problems.accept(new Problem("account", "an error of the engine itself; please report it", error));
        drain.request(order(
                "the engine failed",
                DrainMode.FINISH_STARTED,
                error,
                plan.drain().total()));
    }

    // ---- drain ----

    CompletionStage<DrainReport> beginDrain(DrainRequest request) {
        Order now = drain.order();
        if (now == null || request.mode().isPresent() || request.within().isPresent()) {
            DrainMode mode = request.mode().orElseGet(() -> {
                DrainMode usual = now == null ? usualMode() : now.mode();
                // Who names a time wants it kept.
                return request.within().isPresent() && usual == DrainMode.FINISH_ALL
                        ? DrainMode.FINISH_UNTIL_DEADLINE
                        : usual;
            });
            drain.request(order(
                    request.reason(),
                    mode,
                    null,
                    request.within().orElse(plan.drain().total())));
        } else {
            // It asks for nothing new, but the JVM may have begun to exit since.
            host.control(drain::advance);
        }
        return ended.stage();
    }

    private Order order(String reason, DrainMode mode, @Nullable Throwable failure, Duration budget) {
        return Order.of(reason, mode, failure, plan.drain(), budget, host.nanoTime());
    }

    private DrainMode usualMode() {
        return plan.drain()
                .mode()
                .orElseGet(() -> floor.releaseIsFree() ? DrainMode.FINISH_STARTED : DrainMode.FINISH_UNTIL_DEADLINE);
    }

    CompletionStage<DrainReport> ended() {
        return ended.stage();
    }

    /** Waits for the report. */
    DrainReport await() throws InterruptedException {
        return ended.await();
    }

    Optional<DrainMode> drainMode() {
        Order order = drain.order();
        return order == null || isOver() ? Optional.empty() : Optional.of(order.mode());
    }

    boolean isHandlerThread() {
        return HandlerThread.isOf(floor);
    }

    ConsumerState state() {
        return state;
    }

    boolean isOver() {
        return state == ConsumerState.CLOSED;
    }

    ConsumerSnapshot snapshot() {
        return drainage.snapshot(plan.name(), state, before);
    }

    // ---- state and listeners ----

    private void become(ConsumerState next) {
        ConsumerState was = state;
        if (!was.mayBecome(next)) {
            throw new AssertionError("consumer " + plan.name() + " cannot go from " + was + " to " + next);
        }
        state = next;
        log.info("consumer={} state={} was={}", plan.name(), next, was);
        tell(it -> it.stateChanged(plan.name(), was, next));
    }

    /** A listener that hangs must not gather problems without end: those beyond a bound stand in the log only. */
    private void tellOf(Problem problem) {
        if (untold.incrementAndGet() > MOST_UNTOLD) {
            untold.decrementAndGet();
            return;
        }
        tell(it -> it.problem(plan.name(), problem));
        host.tell(untold::decrementAndGet);
    }

    private void tell(Consumer<ConsumerListener> call) {
        for (ConsumerListener listener : plan.listeners()) {
            host.tell(() -> {
                try {
                    call.accept(listener);
                } catch (Throwable e) {
                    log.error("consumer={} listener failed", plan.name(), e);
                }
            });
        }
    }

    // ---- what the drain sequence asks for ----

    private final class Steps implements DrainSequence.Run {

        @Override
        public ConsumerState state() {
            return state;
        }

        @Override
        public void become(ConsumerState next) {
            Engine.this.become(next);
        }

        @Override
        public void drainBegins(Order order) {
            problems.keep();
            leases.drainBegins();
        }

        @Override
        public void askToStop() {
            Source<R> open = source;
            if (open == null) {
                host.control(() -> drain.stopAnswered(null));
                return;
            }
            host.detach("stop", () -> {
                try {
                    open.stopReceiving()
                            .whenComplete((nothing, error) -> host.control(() -> drain.stopAnswered(error)));
                } catch (Throwable e) {
                    host.control(() -> drain.stopAnswered(e));
                }
            });
        }

        @Override
        public void askToClose(Duration atMost) {
            duties.close();
            Source<R> open = source;
            if (open == null) {
                host.control(() -> drain.closeAnswered(null));
                return;
            }
            host.detach("close", () -> {
                Throwable failure = null;
                try {
                    open.close(atMost);
                } catch (Throwable e) {
                    failure = e;
                }
                Throwable outcome = failure;
                host.control(() -> drain.closeAnswered(outcome));
            });
        }

        @Override
        public void report(Problem problem) {
            problems.accept(problem);
        }

        @Override
        public void closed(DrainSequence.Ending ending) {
            if (starting) {
                problems.accept(new Problem("start", "the source's start had not returned", null));
            }
            leases.close();
            DrainReport made = made(ending);
            Engine.this.become(ConsumerState.CLOSED);
            log.info("consumer={} report clean={} {}", plan.name(), made.clean(), made.counts());
            tell(it -> it.drained(made));
            ended.complete(made);
            String why = made.failure()
                    .map(failure -> " could not start: " + failure)
                    .orElse(" was drained before its source stood: " + made.reason());
            started.fail(new IllegalStateException(
                    "consumer " + plan.name() + why, made.failure().orElse(null)));
            host.close();
        }

        private DrainReport made(DrainSequence.Ending ending) {
            List<Entry<R>> unanswered = answers.giveUpWaiting();
            Counts counts = drainage.counts();
            ConsumerSnapshot last = drainage.snapshot(plan.name(), state, RestartableConsumer.nothing(plan));
            if (counts.received() != counts.ended() || !drainage.addsUp()) {
                problems.accept(new Problem("account", "the counts do not add up: " + counts, null));
            }
            if (!unanswered.isEmpty()) {
                log.warn("consumer={} unconfirmed={}", plan.name(), unanswered.size());
            }
            Order order = ending.order();
            return new DrainReport(
                    plan.name(),
                    order.reason(),
                    order.mode(),
                    counts,
                    last.retriesInProcess(),
                    last.dropped(),
                    last.refusedOffers(),
                    last.lateOutcomes(),
                    ending.stopConfirmed(),
                    ending.closed(),
                    ending.phases(),
                    ending.stragglers(),
                    problems.kept(),
                    Optional.ofNullable(order.failure()));
        }
    }
}
