package io.lastcall.internal.runtime;

import io.lastcall.ClosedResource;
import io.lastcall.ClosedResource.Outcome;
import io.lastcall.internal.runtime.RuntimePlan.Resource;
import io.lastcall.internal.time.Host;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes resources one after another, the last registered first, until one absolute deadline. A resource whose turn comes later
 * is still asked to close, but not waited for. Control thread only; the closes run on threads of their own.
 */
final class ResourceClosing {

    private static final Logger log = LoggerFactory.getLogger(ResourceClosing.class);

    private final Host host;
    private final String runtime;
    private final List<Resource> resources;
    private final Consumer<List<ClosedResource>> finished;
    private final List<ClosedResource> closed = new ArrayList<>();

    /** Control thread only. */
    private long deadline;
    /** The one that is closing; null before the first and after the last. Control thread only. */
    private @Nullable Turn turn;
    /** Fires at the deadline. Control thread only. */
    private Host.@Nullable Timer limit;

    ResourceClosing(Host host, String runtime, List<Resource> resources, Consumer<List<ClosedResource>> finished) {
        this.host = host;
        this.runtime = runtime;
        this.resources = resources;
        this.finished = finished;
    }

    void begin(long until) {
        deadline = until;
        arm();
        next();
    }

    /** An earlier deadline; a later one changes nothing. */
    void tighten(long until) {
        if (turn != null && until - deadline < 0) {
            deadline = until;
            arm();
        }
    }

    private void arm() {
        if (limit != null) {
            limit.cancel();
        }
        limit = host.schedule(deadline, () -> host.control(this::leaveBehind));
    }

    private void next() {
        turn = null;
        if (closed.size() == resources.size()) {
            if (limit != null) {
                limit.cancel();
            }
            finished.accept(closed);
            return;
        }
        Turn now = new Turn(resources.get(resources.size() - 1 - closed.size()), host.nanoTime());
        turn = now;
        log.info("runtime={} closing resource={}", runtime, now.resource.name());
        host.detach("close-" + now.resource.name(), () -> {
            Throwable error = now.close();
            host.control(() -> closed(now, error));
        });
        leaveBehind();
    }

    private void closed(Turn whose, @Nullable Throwable error) {
        if (turn != whose) {
            log.info("runtime={} resource={} closed after it was left behind", runtime, whose.resource.name(), error);
            return;
        }
        if (error != null) {
            log.warn("runtime={} resource={} failed to close", runtime, whose.resource.name(), error);
        }
        end(whose, error == null ? Outcome.CLOSED : Outcome.FAILED, Optional.ofNullable(error), List.of());
    }

    private void leaveBehind() {
        Turn whose = turn;
        if (whose != null && host.nanoTime() - deadline >= 0) {
            log.warn("runtime={} resource={} is left behind, still closing", runtime, whose.resource.name());
            end(whose, Outcome.LEFT_BEHIND, Optional.empty(), whose.stack());
        }
    }

    private void end(Turn whose, Outcome outcome, Optional<Throwable> cause, List<StackTraceElement> stack) {
        Duration took = Duration.ofNanos(host.nanoTime() - whose.began);
        closed.add(new ClosedResource(whose.resource.name(), outcome, took, cause, stack));
        next();
    }

    /** One resource at its close. */
    private static final class Turn {
        final Resource resource;
        final long began;

        /** Written by the thread that closes, read by the control thread; null before and after. */
        private volatile @Nullable Thread thread;

        Turn(Resource resource, long began) {
            this.resource = resource;
            this.began = began;
        }

        /** Runs where hanging costs nothing. */
        @Nullable
        Throwable close() {
            thread = Thread.currentThread();
            try {
                resource.closeable().close();
                return null;
            } catch (Throwable e) {
                return e;
            } finally {
                thread = null;
            }
        }

        List<StackTraceElement> stack() {
            Thread closing = thread;
            return closing == null ? List.of() : List.of(closing.getStackTrace());
        }
    }
}
