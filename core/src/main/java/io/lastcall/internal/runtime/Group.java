package io.lastcall.internal.runtime;

import io.lastcall.ClosedResource;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.RuntimeReport;
import io.lastcall.internal.time.Host;
import io.lastcall.internal.time.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lifecycle of several consumers and of the resources behind them. Its four entries are safe for any thread; all else runs on
 * the control thread.
 */
final class Group {

    private static final Logger log = LoggerFactory.getLogger(Group.class);

    /** Moves only forward. */
    private enum Phase {
        NEW,
        RUNNING,
        DRAINING,
        CLOSING,
        DONE
    }

    private final Host host;
    private final RuntimePlan plan;
    private final Budget budget;
    private final List<Member> members;
    private final ResourceClosing closing;
    private final List<DrainReport> restarted = new ArrayList<>();
    private final List<String> unended = new ArrayList<>();
    private final Promise<Void> ready;
    private final Promise<RuntimeReport> done;

    /** Control thread only. */
    private Phase phase = Phase.NEW;
    /** Why it ends; empty before. Control thread only. */
    private String reason = "";
    /** When the drain began. Control thread only. */
    private long began;
    /** The first failure that ended a consumer for good. Control thread only. */
    private @Nullable Throwable failure;
    /** Whether {@link #ready} was answered. Control thread only. */
    private boolean answered;
    /** Fires when consumers without a report are given up. Control thread only. */
    private Host.@Nullable Timer limit;

    Group(Host host, RuntimePlan plan) {
        this.host = host;
        this.plan = plan;
        this.ready = new Promise<>(host);
        this.done = new Promise<>(host);
        this.budget = new Budget(plan.drain(), !plan.resources().isEmpty());
        this.members = plan.consumers().stream()
                .map(it -> new Member(it, this, host, plan.onFailure()))
                .toList();
        this.closing = new ResourceClosing(host, plan.name(), plan.resources(), this::finish);
    }

    String name() {
        return plan.name();
    }

    CompletionStage<Void> ready() {
        return ready.stage();
    }

    CompletionStage<RuntimeReport> done() {
        return done.stage();
    }

    /** Waits until all is over. */
    RuntimeReport await() throws InterruptedException {
        return done.await();
    }

    void start() {
        host.control(() -> {
            if (phase == Phase.NEW) {
                phase = Phase.RUNNING;
                log.info("runtime={} starting consumers={}", name(), names(members));
                members.forEach(Member::start);
            }
        });
    }

    void drain(DrainRequest request) {
        long asked = host.nanoTime();
        host.control(() -> drain(request, asked));
    }

    void harden(String why) {
        host.control(() -> {
            if (phase == Phase.DRAINING) {
                log.info("runtime={} draining harder reason={}", name(), why);
                budget.harden(host.nanoTime());
                Duration left = budget.leftForConsumers(host.nanoTime());
                members.forEach(it -> it.harden(why, left));
                arm();
            }
        });
    }

    private void drain(DrainRequest request, long asked) {
        if (phase == Phase.DONE) {
            return;
        }
        budget.merge(request, asked);
        if (phase == Phase.CLOSING) {
            closing.tighten(budget.forResources(host.nanoTime()));
            return;
        }
        if (phase != Phase.DRAINING) {
            phase = Phase.DRAINING;
            reason = request.reason();
            began = asked;
        }
        Duration left = budget.leftForConsumers(host.nanoTime());
        log.info(
                "runtime={} draining reason={} within_ms={} mode={}",
                name(),
                request.reason(),
                left.toMillis(),
                budget.mode().map(Object::toString).orElse("each consumer's own"));
        answerNotReady(new IllegalStateException(
                "runtime " + name() + " was drained before all consumers stood: " + reason, failure));
        arm();
        members.forEach(it -> it.drain(request, left, budget.mode()));
    }

    private void arm() {
        if (limit != null) {
            limit.cancel();
            limit = null;
        }
        if (!budget.unlimited()) {
            limit = host.schedule(budget.givesUpAt(), () -> host.control(this::giveUp));
        }
    }

    private void giveUp() {
        if (phase != Phase.DRAINING || budget.unlimited() || host.nanoTime() - budget.givesUpAt() < 0) {
            return;
        }
        List<Member> silent = members.stream().filter(it -> !it.over()).toList();
        log.warn("runtime={} no report in time from consumers={}", name(), names(silent));
        silent.forEach(it -> unended.add(it.name()));
        silent.forEach(Member::giveUp);
        close();
    }

    /** A consumer stands. */
    void memberStands() {
        if (!answered && members.stream().allMatch(Member::stands)) {
            answered = true;
            log.info("runtime={} ready", name());
            Promise.complete(ready);
        }
    }

    /** A failed run is followed by another. */
    void restarts(DrainReport run) {
        restarted.add(run);
    }

    /** A consumer has ended for good. */
    void memberOver(Member member, @Nullable Throwable cause) {
        if (cause != null && failure == null) {
            failure = cause;
        }
        if (phase == Phase.RUNNING && cause != null) {
            log.warn("runtime={} consumer={} failed, all are drained", name(), member.name(), cause);
            answerNotReady(new IllegalStateException(
                    "consumer " + member.name() + " of runtime " + name() + " failed: " + cause, cause));
            drain(DrainRequest.because("consumer " + member.name() + " failed"), host.nanoTime());
        }
        if (members.stream().allMatch(Member::over)) {
            close();
        }
    }

    private void close() {
        if (phase == Phase.RUNNING) {
            reason = "all consumers ended";
            began = host.nanoTime();
            budget.merge(DrainRequest.because(reason), began);
            answerNotReady(new IllegalStateException("consumers of runtime " + name() + " ended before all stood"));
        }
        if (phase == Phase.RUNNING || phase == Phase.DRAINING) {
            phase = Phase.CLOSING;
            if (limit != null) {
                limit.cancel();
            }
            closing.begin(budget.forResources(host.nanoTime()));
        }
    }

    private void finish(List<ClosedResource> resources) {
        phase = Phase.DONE;
        RuntimeReport report = new RuntimeReport(
                name(),
                reason,
                members.stream().flatMap(it -> it.report().stream()).toList(),
                restarted,
                unended,
                resources,
                Optional.ofNullable(failure),
                Duration.ofNanos(host.nanoTime() - began));
        log.info(
                "runtime={} done reason={} clean={} status={} took_ms={} {}",
                name(),
                reason,
                report.clean(),
                report.exitStatus(),
                report.took().toMillis(),
                report.counts());
        done.complete(report);
        host.close();
    }

    private void answerNotReady(IllegalStateException why) {
        if (!answered) {
            answered = true;
            ready.fail(why);
        }
    }

    private static List<String> names(List<Member> members) {
        return members.stream().map(Member::name).toList();
    }
}
