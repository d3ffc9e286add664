package io.lastcall.internal.lease;

import io.lastcall.Problem;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.internal.dispatch.Leases;
import io.lastcall.internal.time.Host;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Extension;
import io.lastcall.spi.Source;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Extends the leases of each lane every third of its lease, a little less by chance, until the lane is revoked or the run is closed.
 * A drain changes nothing in it (H11). Safe for any thread.
 */
public class LeaseKeeper<R> {

    private static final double JITTER = 0.1;

    private final Host host;
    private final Leases<R> leases;
    private final Supplier<@Nullable Source<R>> source;
    private final Consumer<Problem> problems;
    /** Written by the drain when the run closes, read before each round. */
    private volatile boolean closed;

    public LeaseKeeper(Host host, Leases<R> leases, Supplier<@Nullable Source<R>> source, Consumer<Problem> problems) {
        this.host = host;
        this.leases = leases;
        this.source = source;
        this.problems = problems;
    }

    /** Begins to keep a lane. */
    public void keep(LaneBook<R> lane) {
        lane.rules.lease().ifPresent(lease -> next(lane, lease));
    }

    /** A drain begins. Leases go on. */
    public void drainBegins() {}

    /** Nothing is extended any more. */
    public void close() {
        closed = true;
    }

    private void next(LaneBook<R> lane, Duration lease) {
        double third = lease.toNanos() / 3.0;
        long wait = (long) (third * (1 - JITTER * host.random()));
        host.schedule(host.nanoTime() + wait, () -> host.work(() -> round(lane, lease)));
    }

    private void round(LaneBook<R> lane, Duration lease) {
        Source<R> open = source.get();
        if (closed || lane.isRevoked() || open == null) {
            return;
        }
        next(lane, lease);
        List<Entry<R>> held = leases.take(lane);
        if (!held.isEmpty()) {
            List<Delivery<R>> deliveries = held.stream().map(Entry::delivery).toList();
            extend(open, deliveries).whenComplete((said, error) -> answer(lane, held, said, error));
        }
    }

    private CompletionStage<List<Extension>> extend(Source<R> open, List<Delivery<R>> deliveries) {
        try {
            return Objects.requireNonNull(open.extend(deliveries), "extend returned null");
        } catch (Throwable e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void answer(
            LaneBook<R> lane, List<Entry<R>> held, @Nullable List<Extension> said, @Nullable Throwable error) {
        List<Extension> answers = said;
        if (answers == null || answers.size() != held.size()) {
            String what = error != null
                    ? "leases of lane " + lane.id + " could not be extended"
                    : "extend answered for " + (said == null ? 0 : said.size()) + " of " + held.size() + " deliveries";
            problems.accept(new Problem("extend", what, error));
            answers = Collections.nCopies(held.size(), Extension.UNKNOWN);
        }
        int lost = leases.extended(held, answers);
        if (lost > 0) {
            problems.accept(new Problem("extend", lost + " leases of lane " + lane.id + " were lost", null));
        }
    }
}
