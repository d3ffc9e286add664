package io.lastcall.internal.runtime;

import static io.lastcall.DrainMode.FINISH_UNTIL_DEADLINE;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.FailurePolicy;
import io.lastcall.MessageConsumer;
import io.lastcall.internal.time.Host;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One consumer of a group: started, started again after a failure, drained. Control thread only. */
final class Member {

    private static final Logger log = LoggerFactory.getLogger(Member.class);

    private enum State {
        NEW,
        STARTING,
        STANDING,
        BACK_OFF,
        DRAINING,
        OVER
    }

    private final MessageConsumer consumer;
    private final Group group;
    private final Host host;
    private final Backoff backoff;

    /** Control thread only. */
    private State state = State.NEW;
    /** Which run this is; events of earlier ones are stale. Control thread only. */
    private int run;
    /** When this run began to stand; null before. Control thread only. */
    private @Nullable Long stoodAt;
    /** Why the last run failed, where nobody had asked it to end. Control thread only. */
    private @Nullable Throwable failure;
    /** The report of the last run that ended. Control thread only. */
    private @Nullable DrainReport report;
    /** Set while in back-off. Control thread only. */
    private Host.@Nullable Timer pause;
    /** The hardest mode that was asked for here. Control thread only. */
    private DrainMode asked = FINISH_UNTIL_DEADLINE;

    Member(MessageConsumer consumer, Group group, Host host, FailurePolicy policy) {
        this.consumer = consumer;
        this.group = group;
        this.host = host;
        this.backoff = new Backoff(policy);
    }

    String name() {
        return consumer.name();
    }

    boolean stands() {
        return state == State.STANDING;
    }

    boolean over() {
        return state == State.OVER;
    }

    Optional<DrainReport> report() {
        return Optional.ofNullable(report);
    }

    void start() {
        state = State.STARTING;
        stoodAt = null;
        failure = null;
        report = null;
        int current = ++run;
        CompletionStage<Void> start = consumer.beginStart();
        watchEnd(current);
        start.whenComplete((stands, error) -> host.control(() -> started(current, error)));
    }

    private void watchEnd(int current) {
        consumer.ended().whenComplete((value, error) -> host.control(() -> ended(current, value, error)));
    }

    private void started(int of, @Nullable Throwable error) {
        if (of != run || state != State.STARTING) {
            return;
        }
        if (error == null) {
            state = State.STANDING;
            stoodAt = host.nanoTime();
            group.memberStands();
        } else {
            failure = bare(error);
            // Whatever is left of this run ends, too: nothing may be started again over it.
            ask(DrainRequest.because("start failed"));
        }
    }

    private void ended(int of, @Nullable DrainReport what, @Nullable Throwable broken) {
        if (of != run || state == State.OVER) {
            return;
        }
        report = what;
        if (what != null && what.failure().isPresent()) {
            failure = what.failure().get();
        } else if (broken != null) {
            failure = bare(broken);
        }
        if (failure == null || state == State.DRAINING) {
            end();
            return;
        }
        Duration stood = stoodAt == null ? Duration.ZERO : Duration.ofNanos(host.nanoTime() - stoodAt);
        backoff.next(stood, host.random()).ifPresentOrElse(this::backOff, this::end);
    }

    private void backOff(Duration wait) {
        state = State.BACK_OFF;
        log.warn(
                "runtime={} consumer={} failed, starts again in_ms={} time={}",
                group.name(),
                name(),
                wait.toMillis(),
                backoff.times(),
                failure);
        int current = run;
        pause = host.schedule(host.nanoTime() + Budget.nanos(wait), () -> host.control(() -> resume(current)));
    }

    private void resume(int of) {
        if (of == run && state == State.BACK_OFF) {
            report().ifPresent(group::restarts);
            start();
        }
    }

    private void end() {
        state = State.OVER;
        group.memberOver(this, failure);
    }

    /**
     * Drains as the request says or else as its own settings say, but never past the group's deadline or softer than the group's
     * mode.
     */
    void drain(DrainRequest request, Duration left, Optional<DrainMode> mode) {
        boolean first = state != State.DRAINING;
        switch (state) {
            case OVER -> {
                return;
            }
            case BACK_OFF -> {
                if (pause != null) {
                    pause.cancel();
                }
                end();
                return;
            }
            case NEW -> watchEnd(run);
            case STARTING, STANDING, DRAINING -> {}
        }
        state = State.DRAINING;
        String reason = request.reason();
        if (first) {
            ask(new DrainRequest(reason, request.within().map(it -> left), request.mode()));
        }
        DrainMode cap = mode.orElse(FINISH_UNTIL_DEADLINE);
        asked = asked.merge(cap);
        ask(new DrainRequest(reason, Optional.of(left), Optional.of(cap)));
    }

    /** One step harder than what holds. */
    void harden(String reason, Duration left) {
        if (state == State.DRAINING) {
            asked = consumer.drainMode().map(asked::merge).orElse(asked).harder();
            ask(DrainRequest.because(reason).mode(asked).within(left));
        }
    }

    /** The time is over: nothing more is expected of it. */
    void giveUp() {
        state = State.OVER;
    }

    /** The answer comes by {@link #watchEnd}. */
    private void ask(DrainRequest request) {
        var unused = consumer.beginDrain(request);
    }

    private static Throwable bare(Throwable error) {
        return error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    }
}
