package io.lastcall.memory;

import io.lastcall.message.DeadLetter;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One consumer's subscription of a queue. One thread of its own offers what has come, in batches as large as the capacity; settling
 * is answered on the thread that asks. Safe for any thread.
 */
final class Reception implements Source<MemoryMessage> {
    private static final Logger log = LoggerFactory.getLogger(Reception.class);
    private static final Duration FOR_EVER = Duration.ofNanos(Long.MAX_VALUE);
    private static final AtomicLong EPOCHS = new AtomicLong();

    private final Stock stock;
    private final MemorySettings settings;
    private final MemoryDeadLetters deadLetters;
    final CompletableFuture<Void> confirmation = new CompletableFuture<>();
    private final CompletableFuture<Void> threadEnded = new CompletableFuture<>();

    // Guarded by the stock's lock.
    final HeldList held = new HeldList();
    boolean stopped;
    boolean offering;

    @Nullable
    CompletableFuture<Void> arrival;

    /** Written by start, before anything is offered. */
    private volatile @Nullable Intake<MemoryMessage> intake;
    /** Written by start, before anything is offered. */
    private volatile @Nullable Lane<MemoryMessage> lane;

    Reception(Stock stock, MemorySettings settings, MemoryDeadLetters deadLetters) {
        this.stock = stock;
        this.settings = settings;
        this.deadLetters = deadLetters;
    }

    @Override
    public void start(Intake<MemoryMessage> given) {
        if (!stock.begin(this)) {
            threadEnded.complete(null);
            return;
        }
        intake = given;
        Lane<MemoryMessage> opened =
                given.open(new LaneId(settings.name(), EPOCHS.incrementAndGet()), settings.rules());
        lane = opened;
        Thread receiver = given.threads().newThread(() -> receive(given, opened));
        // Before the thread runs: it says itself when it is about to offer.
        stock.offered(this, List.of());
        receiver.start();
    }

    // ---- the receiving thread ----

    private void receive(Intake<MemoryMessage> to, Lane<MemoryMessage> through) {
        try {
            offerUntilStopped(to, through);
        } catch (Throwable e) {
            // Nobody interrupts this thread in order: whatever ended it, the consumer must hear.
            log.warn("consumer={} queue={} receiving failed", to.consumer(), settings.name(), e);
            to.failed(e);
        } finally {
            threadEnded.complete(null);
        }
    }

    private void offerUntilStopped(Intake<MemoryMessage> to, Lane<MemoryMessage> through) throws InterruptedException {
        while (true) {
            int room = through.capacity();
            if (room <= 0) {
                stock.passOn();
                room = through.awaitCapacity(FOR_EVER);
                if (room <= 0) {
                    return;
                }
            }
            Stock.Taken taken = stock.take(this, room, to.nanoTime());
            if (taken instanceof Stock.Taken.Batch batch) {
                Stock.wake(batch.alsoWake());
                if (!offer(through, batch.deliveries())) {
                    return;
                }
            } else if (taken instanceof Stock.Taken.Nothing nothing) {
                to.await(nothing.arrival(), Duration.ofNanos(nothing.nanosUntilDue()));
            } else {
                if (taken instanceof Stock.Taken.Ended) {
                    to.ended();
                }
                return;
            }
        }
    }

    /** The list belongs to the core once it is offered: a copy goes back if it is refused. */
    private boolean offer(Lane<MemoryMessage> through, List<Delivery<MemoryMessage>> batch) {
        List<Delivery<MemoryMessage>> refused = List.copyOf(batch);
        try {
            if (through.offer(batch)) {
                refused = List.of();
            }
        } finally {
            stock.offered(this, refused);
        }
        return refused.isEmpty();
    }

    // ---- called by the core ----

    @Override
    public CompletionStage<Void> stopReceiving() {
        stock.stop(this);
        return confirmation;
    }

    @Override
    public void settle(List<? extends Settlement<MemoryMessage>> run) {
        Intake<MemoryMessage> to = intake;
        Lane<MemoryMessage> through = lane;
        if (to == null || through == null) {
            throw new IllegalStateException("settle before start at memory queue " + settings.name());
        }
        settle(to, through, run);
    }

    private <S extends Settlement<MemoryMessage>> void settle(
            Intake<MemoryMessage> to, Lane<MemoryMessage> through, List<S> run) {
        List<S> strangers = stock.settle(this, run, to.nanoTime());
        if (strangers.isEmpty()) {
            conclude(to, run);
            through.settled(run);
            return;
        }
        List<S> ours = run.stream().filter(it -> !strangers.contains(it)).toList();
        conclude(to, ours);
        through.settled(ours);
        through.unsettled(strangers, Failure.refused("no longer held by this consumer", null));
    }

    /** Dead letters before the answer; replies on the common pool, for what depends on them is the caller's code. */
    private void conclude(Intake<MemoryMessage> to, List<? extends Settlement<MemoryMessage>> run) {
        for (Settlement<MemoryMessage> settlement : run) {
            MemoryMessage message = settlement.delivery().receipt();
            Outcome outcome = settlement.outcome();
            if (outcome instanceof Outcome.Reject reject && !settlement.isLetterWritten()) {
                deadLetters.keep(
                        new DeadLetter(message, reject.reason(), reject.cause(), settlement.attempts(), to.consumer()));
            }
            CompletableFuture<Outcome> reply = message.reply;
            if (reply != null && (outcome instanceof Outcome.Reject || outcome instanceof Outcome.Accept)) {
                var unused = reply.completeAsync(() -> outcome);
            }
        }
    }

    @Override
    public void close(Duration atMost) throws InterruptedException {
        stock.stop(this);
        stock.abandon(this);
        Intake<MemoryMessage> to = intake;
        if (to != null && lane != null && !to.await(threadEnded, atMost)) {
            throw new IllegalStateException(
                    "the receiving thread of memory queue " + settings.name() + " has not ended");
        }
    }
}
