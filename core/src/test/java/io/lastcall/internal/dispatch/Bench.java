package io.lastcall.internal.dispatch;

import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Origin;
import io.lastcall.spi.Capability;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The floor with its operations on a {@link StepHost}, without source, handler threads and drain sequence. Safe for any thread. */
final class Bench {

    final StepHost host = new StepHost();
    final Floor<Integer> floor;
    final Dispatcher<Integer> dispatcher;
    final Offers<Integer> offers;
    final Answers<Integer> answers;
    final Drainage<Integer> drainage;
    private final AtomicInteger receipts = new AtomicInteger();

    Bench(int concurrency, int limit, Duties<Integer> duties) {
        this(concurrency, limit, true, duties);
    }

    Bench(int concurrency, int limit, boolean redelivers, Duties<Integer> duties) {
        this(
                concurrency,
                limit,
                redelivers ? Set.of(Capability.REDELIVERY, Capability.DELAYED_REDELIVERY) : Set.of(),
                duties);
    }

    Bench(int concurrency, int limit, Set<Capability> broker, Duties<Integer> duties) {
        floor = new Floor<>(host, concurrency, limit, broker, null);
        dispatcher = new Dispatcher<>(floor);
        offers = new Offers<>(floor);
        answers = new Answers<>(floor, dispatcher);
        drainage = new Drainage<>(floor, dispatcher);
        floor.furnish(dispatcher, duties, () -> {});
    }

    LaneBook<Integer> lane(int bound) {
        return offers.open(new LaneId("lane", 0), LaneRules.PLAIN.boundedTo(bound));
    }

    Entry<Integer> entry(LaneBook<Integer> lane) {
        int receipt = receipts.getAndIncrement();
        return new Entry<>(new Delivery<>(new Bare(receipt), receipt), lane);
    }

    /** Offers a batch of one key, null for one without order; returns it, empty when it was refused. */
    List<Entry<Integer>> offer(LaneBook<Integer> lane, @Nullable Object key, int many) {
        List<Entry<Integer>> batch = new ArrayList<>();
        @Nullable Object[] keys = new @Nullable Object[many];
        for (int i = 0; i < many; i++) {
            keys[i] = key;
            batch.add(entry(lane));
        }
        return offers.offer(lane, batch, keys) ? batch : List.of();
    }

    /** Holds the lock over the change, as the operations do, and does what is due after it. */
    void locked(Runnable change) {
        Due<Integer> due;
        floor.lock.lock();
        try {
            change.run();
            due = dueNow();
        } finally {
            floor.lock.unlock();
        }
        floor.perform(due);
    }

    @SuppressWarnings("GuardedBy") // locked() holds it
    private @Nullable Due<Integer> dueNow() {
        return floor.due();
    }

    private record Bare(int number) implements Message<byte[]> {

        @Override
        public String id() {
            return "m" + number;
        }

        @Override
        public Origin origin() {
            return new Origin("bench", "bench", "bench", id());
        }

        @Override
        public byte @Nullable [] key() {
            return null;
        }

        @Override
        public byte @Nullable [] body() {
            return null;
        }

        @Override
        public Headers headers() {
            return Headers.empty();
        }

        @Override
        public Instant timestamp() {
            return Instant.EPOCH;
        }

        @Override
        public int attempt() {
            return 1;
        }
    }
}
