package io.lastcall.examples.demo;

import io.lastcall.ConsumerListener;
import io.lastcall.ConsumerSnapshot;
import io.lastcall.ConsumerState;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a person sees while orders flow: on a terminal one line that changes, else a line a second. Safe for any thread. */
final class Progress implements ConsumerListener {

    private final PrintWriter out;
    private final boolean terminal;
    /** Guarded by this. */
    private long began;
    /** Guarded by this. */
    private boolean open;
    /** Guarded by this. */
    private @Nullable ScheduledFuture<?> ticks;

    Progress(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Begins to show. */
    synchronized void start(ScheduledExecutorService clock, Ledger ledger, Supplier<ConsumerSnapshot> consumer) {
        began = System.nanoTime();
        long every = terminal ? 100 : 1_000;
        ticks = clock.scheduleAtFixedRate(() -> show(ledger, consumer.get()), every, every, TimeUnit.MILLISECONDS);
    }

    private synchronized void show(Ledger ledger, ConsumerSnapshot now) {
        if (ticks == null) {
            return;
        }
        String line = String.format(
                Locale.ROOT,
                "%6.1f s   published %,9d   handled %,9d   in hand %,5d   retried %,6d   dead letters %,4d",
                Duration.ofNanos(System.nanoTime() - began).toMillis() / 1_000.0,
                ledger.publishedIds().size(),
                ledger.handledIds().size(),
                now.held(),
                ledger.retried(),
                now.counts().rejected());
        if (terminal) {
            out.print("\r" + line + "\u001b[K");
            open = true;
        } else {
            out.println(line);
        }
        out.flush();
    }

    /** Nothing more is shown by itself. */
    synchronized void stop() {
        if (ticks != null) {
            ticks.cancel(false);
            ticks = null;
        }
    }

    /** A line or more of its own. */
    synchronized void say(String text) {
        if (open) {
            out.println();
            open = false;
        }
        out.println(text);
        out.flush();
    }

    @Override
    public void stateChanged(String consumer, ConsumerState from, ConsumerState to) {
        if (to == ConsumerState.STOPPING_RECEIVE) {
            say("Last call: no new orders are taken, what is in hand is finished.");
        }
    }
}
