package io.lastcall.kafka;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import org.apache.kafka.clients.consumer.Consumer;

/**
 * Ends a poll early, and only a poll: {@code Consumer.wakeup()} sticks until the next blocking call, which may be a commit, so it is
 * called only while the poll thread is known to poll. Safe for any thread.
 */
final class Wakeup {

    private final Consumer<?, ?> client;

    @GuardedBy("this")
    private boolean polling;

    @GuardedBy("this")
    private boolean wanted;

    Wakeup(Consumer<?, ?> client) {
        this.client = client;
    }

    /** Ends the poll that runs, or keeps the next one from blocking. */
    synchronized void now() {
        if (!wanted) {
            wanted = true;
            if (polling) {
                client.wakeup();
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

    /** Within a poll a rebalance callback begins, which may commit. */
    synchronized void enterCallback() {
        polling = false;
    }

    /** The callback is over and the poll goes on: what was asked for meanwhile ends it. */
    synchronized void leaveCallback() {
        polling = true;
        if (wanted) {
            client.wakeup();
        }
    }
}
