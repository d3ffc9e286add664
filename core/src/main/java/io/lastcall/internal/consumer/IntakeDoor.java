package io.lastcall.internal.consumer;

import io.lastcall.Ordering;
import io.lastcall.Problem;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.internal.dispatch.Answers;
import io.lastcall.internal.dispatch.Floor;
import io.lastcall.internal.dispatch.Nanos;
import io.lastcall.internal.dispatch.Offers;
import io.lastcall.internal.lease.LeaseKeeper;
import io.lastcall.internal.time.Host;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.Revocation;
import io.lastcall.spi.RevokeReason;
import io.lastcall.spi.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The engine's side that a source sees. Turns deliveries into entries; all else it passes on. Safe for any thread. */
final class IntakeDoor<R> implements Intake<R> {

    private final Plan<R> plan;
    private final Host host;
    private final Floor<R> floor;
    private final Offers<R> offers;
    private final Answers<R> answers;
    private final LeaseKeeper<R> leases;
    private final Consumer<Problem> problems;
    private final Consumer<@Nullable Throwable> end;
    private final List<Runnable> limitSignals = new CopyOnWriteArrayList<>();

    /** @param end called with null when no more will ever come, with the cause when the source cannot go on */
    IntakeDoor(
            Plan<R> plan,
            Host host,
            Floor<R> floor,
            Offers<R> offers,
            Answers<R> answers,
            LeaseKeeper<R> leases,
            Consumer<Problem> problems,
            Consumer<@Nullable Throwable> end) {
        this.plan = plan;
        this.host = host;
        this.floor = floor;
        this.offers = offers;
        this.answers = answers;
        this.leases = leases;
        this.problems = problems;
        this.end = end;
    }

    @Override
    public String consumer() {
        return plan.name();
    }

    @Override
    public Lane<R> open(LaneId id, LaneRules rules) {
        LaneBook<R> book = offers.open(id, rules);
        leases.keep(book);
        return new LaneDoor(book);
    }

    @Override
    public int limit() {
        return offers.limit();
    }

    @Override
    public void onLimitChanged(Runnable signal) {
        limitSignals.add(signal);
    }

    void limitChanged() {
        limitSignals.forEach(host::work);
    }

    @Override
    public void onCapacity(Runnable signal) {
        floor.onCapacity(signal);
    }

    @Override
    public void ended() {
        end.accept(null);
    }

    @Override
    public void failed(Throwable cause) {
        end.accept(cause);
    }

    @Override
    public ThreadFactory threads() {
        return host.threads("receive");
    }

    @Override
    public long nanoTime() {
        return host.nanoTime();
    }

    @Override
    public boolean await(CompletionStage<?> stage, Duration atMost) throws InterruptedException {
        return host.await(stage, Nanos.of(atMost));
    }

    private void strange(String what, int count) {
        if (count > 0) {
            problems.accept(new Problem("source", count + " deliveries were " + what + " that were not open", null));
        }
    }

    /** One lane as its source sees it. */
    private final class LaneDoor implements Lane<R> {

        private final LaneBook<R> book;

        LaneDoor(LaneBook<R> book) {
            this.book = book;
        }

        @Override
        public int capacity() {
            return offers.capacity(book);
        }

        @Override
        public int awaitCapacity(Duration atMost) throws InterruptedException {
            return offers.awaitCapacity(book, Nanos.of(atMost));
        }

        @Override
        public boolean offer(List<Delivery<R>> batch) {
            List<Entry<R>> entries = new ArrayList<>(batch.size());
            @Nullable Object[] keys = new @Nullable Object[batch.size()];
            for (Delivery<R> delivery : batch) {
                Entry<R> entry = new Entry<>(delivery, book);
                keys[entries.size()] = prepare(entry);
                entries.add(entry);
            }
            return offers.offer(book, entries, keys);
        }

        /** Finds key and priority; a function that throws decides the entry's outcome instead (a rejection with its cause). */
        private @Nullable Object prepare(Entry<R> entry) {
            Message<byte[]> message = entry.delivery().message();
            try {
                if (plan.priority() != null) {
                    entry.priority = plan.priority().applyAsInt(message);
                }
                if (plan.ordering() instanceof Ordering.ByKey byKey) {
                    return byKey.key() == null ? message.key() : byKey.key().apply(message);
                }
                if (plan.ordering() instanceof Ordering.ByLane) {
                    return book.id.name();
                }
                // Who waits for the broker's answer before the next of a key has asked for its order already.
                return book.rules.holdKeyUntilSettled() ? message.key() : null;
            } catch (Throwable e) {
                entry.decide(Outcome.reject("key or priority function failed", e));
                return null;
            }
        }

        @Override
        public void settled(Collection<? extends Settlement<R>> covered) {
            strange("settled", answers.settled(book, covered));
        }

        @Override
        public void unsettled(Collection<? extends Settlement<R>> failed, Failure why) {
            strange("unsettled", answers.unsettled(book, failed, why));
            problems.accept(new Problem(
                    "settle",
                    failed.size() + " settlements of lane " + book.id + " " + why.kind() + ": " + why.what(),
                    why.cause()));
        }

        @Override
        public Revocation revoke(RevokeReason why) {
            answers.revoke(book, why);
            return new RevocationDoor(book);
        }
    }

    private final class RevocationDoor implements Revocation {

        private final LaneBook<R> book;

        RevocationDoor(LaneBook<R> book) {
            this.book = book;
        }

        @Override
        public int unstarted() {
            return book.unstartedAtRevoke;
        }

        @Override
        public int running() {
            return book.runningAtRevoke;
        }

        @Override
        public CompletionStage<Void> finished() {
            return book.finished.minimalCompletionStage();
        }

        @Override
        public int fence() {
            return answers.fence(book);
        }
    }
}
