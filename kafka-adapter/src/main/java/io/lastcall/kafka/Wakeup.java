package io.lastcall.kafka;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.WakeupException;

/**
 * Ends a poll early, and only a poll: {@code Consumer.wakeup()} sticks until the next blocking call, which may be a commit, so it is
 * called only while the poll thread is known to poll. Safe for any thread.
 */
final class Wakeup {

    private final Runnable client;

    @GuardedBy("this")
    private boolean polling;

    @GuardedBy("this")
    private boolean wanted;

    /** {@code client} ends the client's poll, or the next one. */
    Wakeup(Runnable client) {
        this.client = client;
    }

    /** Ends the poll that runs, or keeps the next one from blocking. */
    synchronized void now() {
        if (!wanted) {
            wanted = true;
            if (polling) {
                client.run();
            }
        }
    }

    /** The poll thread is about to poll: whether it may block. */
    synchronized boolean enterPoll() {
        boolean mayBlock = !wanted;
        wanted = false;
        polling = true;
        return mayBlock;
    }

    /** The poll thread has left its poll. A wake-up that came too late for it ends the next one. */
    synchronized void leavePoll() {
        polling = false;
        wanted = false;
    }

    /** A call that blocks, outside of a poll: a wake-up that was meant for a poll and came too late ends it once, then it is made again. */
    <T> T undisturbed(Supplier<T> call) {
        try {
            return call.get();
        } catch (WakeupException late) {
            synchronized (this) {
                wanted = true; // the poll that this may be part of shall still end
            }
            return call.get();
        }
    }

    /** Within a poll a rebalance callback begins, which may commit. */
    synchronized void enterCallback() {
        polling = false;
    }

    /** The callback is over and the poll goes on: what was asked for meanwhile ends it. */
    synchronized void leaveCallback() {
        polling = true;
        if (wanted) {
            client.run();
        }
    }
}
