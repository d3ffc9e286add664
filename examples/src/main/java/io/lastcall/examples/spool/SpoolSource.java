package io.lastcall.examples.spool;

import io.lastcall.spi.Delivery;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One consumer's subscription of a spool. One thread, the owner, touches the folder; a second one waits for the file system's events.
 * Both, the core's workers and whoever stops it ring the owner's bell.
 */
final class SpoolSource implements Source<SpoolName> {

    private static final Logger log = LoggerFactory.getLogger(SpoolSource.class);
    private static final Duration UNTIL_RUNG = Duration.ofNanos(Long.MAX_VALUE);
    /** How long to wait until a folder that is out of reach is tried again. */
    private static final Duration OUT_OF_REACH = Duration.ofSeconds(1);

    private final Spool spool;
    private final Queue<List<? extends Settlement<SpoolName>>> told = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> confirmation = new CompletableFuture<>();
    private final CompletableFuture<Void> ownerEnded = new CompletableFuture<>();

    // Replaced by the owner before it looks around, completed by whoever has done something for it to see.
    private volatile CompletableFuture<Void> bell = new CompletableFuture<>();
    // Written by the owner and by the watching thread: whether the folder is being watched.
    private volatile boolean watched;

    // Written under this object's monitor, read by the owner.
    private volatile boolean stopping;
    private volatile boolean closing;

    /** Guarded by this object's monitor; null before the start, and for ever if the stop came first. */
    private @Nullable Subscription subscription;

    /** What start has opened. */
    private record Subscription(
            Intake<SpoolName> intake, Lane<SpoolName> lane, SpoolClaims claims, WatchService events) {}

    SpoolSource(Spool spool) {
        this.spool = spool;
    }

    @Override
    public void start(Intake<SpoolName> intake) throws IOException {
        WatchService events = spool.ready.getFileSystem().newWatchService();
        SpoolClaims claims;
        try {
            claims = SpoolClaims.open(spool);
        } catch (IOException e) {
            events.close();
            throw e;
        }
        synchronized (this) {
            if (!stopping) {
                Lane<SpoolName> lane = intake.open(new LaneId(spool.name(), 1), LaneRules.PLAIN);
                Subscription opened = new Subscription(intake, lane, claims, events);
                subscription = opened;
                intake.onCapacity(this::ring);
                intake.threads().newThread(() -> watch(events)).start();
                intake.threads().newThread(() -> own(opened)).start();
                return;
            }
        }
        events.close();
        claims.close();
    }

    // ---- called by the core ----

    @Override
    public CompletionStage<Void> stopReceiving() {
        if (stop(false) == null) {
            confirmation.complete(null);
        }
        return confirmation;
    }

    /** Returns what is open; null when the stop has overtaken the start, which then opens nothing. */
    private @Nullable Subscription stop(boolean close) {
        synchronized (this) {
            stopping = true;
            closing |= close;
            ring();
            return subscription;
        }
    }

    @Override
    public void settle(List<? extends Settlement<SpoolName>> run) {
        told.add(run);
        ring();
    }

    @Override
    public void close(Duration atMost) throws InterruptedException {
        Subscription open = stop(true);
        if (open == null) {
            return;
        }
        boolean inTime = open.intake.await(ownerEnded, atMost);
        for (var run = told.poll(); run != null; run = told.poll()) {
            open.lane.unsettled(run, Failure.unknown("closed before it was the turn of these", null));
        }
        if (!inTime) {
            throw new IllegalStateException("spool " + spool + " hangs and was not closed in order");
        }
    }

    private void ring() {
        bell.complete(null);
    }

    // ---- the owner's thread ----

    private void own(Subscription open) {
        try {
            while (!closing) {
                CompletableFuture<Void> rung = new CompletableFuture<>();
                bell = rung;
                settleAll(open);
                Duration atMost = UNTIL_RUNG;
                if (stopping) {
                    confirmation.complete(null);
                } else {
                    atMost = receive(open);
                }
                open.intake.await(rung, atMost);
            }
            settleAll(open);
        } catch (Throwable e) {
            log.warn("consumer={} spool={} ended badly", open.intake.consumer(), spool, e);
            open.intake.failed(e);
        } finally {
            confirmation.complete(null);
            leave(open);
            ownerEnded.complete(null);
        }
    }

    private void leave(Subscription open) {
        try {
            open.events.close();
            open.claims.close();
        } catch (IOException e) {
            log.warn("consumer={} spool={}: what is left is given back by the next", open.intake.consumer(), spool, e);
        }
    }

    /** Offers one batch; returns how long nothing but a ring of the bell can bring another. */
    private Duration receive(Subscription open) {
        int room = open.lane.capacity();
        if (room <= 0) {
            return UNTIL_RUNG; // this read has armed the capacity signal
        }
        try {
            if (!watched) {
                watched = true;
                spool.ready.register(open.events, StandardWatchEventKinds.ENTRY_CREATE);
            }
            List<Delivery<SpoolName>> batch = open.claims.take(room);
            if (batch.isEmpty()) {
                return UNTIL_RUNG;
            }
            if (!open.lane.offer(new ArrayList<>(batch))) {
                open.claims.giveBack(batch);
            }
            return Duration.ZERO;
        } catch (IOException e) {
            log.warn("consumer={} spool={} is out of reach", open.intake.consumer(), spool, e);
            watched = false;
            return OUT_OF_REACH;
        }
    }

    private void settleAll(Subscription open) {
        for (var run = told.poll(); run != null; run = told.poll()) {
            settle(open, run);
        }
    }

    private <S extends Settlement<SpoolName>> void settle(Subscription open, List<S> run) {
        List<S> done = new ArrayList<>();
        for (S settlement : run) {
            try {
                open.claims.settle(settlement);
                done.add(settlement);
            } catch (IOException e) {
                SpoolName name = settlement.delivery().receipt();
                open.lane.unsettled(List.of(settlement), open.claims.unsettled(name, e));
            }
        }
        open.lane.settled(done);
    }

    // ---- the watching thread ----

    private void watch(WatchService events) {
        try {
            while (true) {
                WatchKey key = events.take();
                key.pollEvents();
                if (!key.reset()) {
                    watched = false; // the folder went away
                }
                ring();
            }
        } catch (ClosedWatchServiceException e) {
            log.debug("spool={} is not watched any more", spool);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
