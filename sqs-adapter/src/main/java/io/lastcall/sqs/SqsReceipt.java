package io.lastcall.sqs;

import java.time.Duration;
import java.util.Objects;

/**
 * By what SQS recognises one receive of a message, and until when that message is ours. Times are on the intake's clock, a little
 * early, so that the broker's own end is not earlier. Safe for any thread.
 */
public final class SqsReceipt {

    private final String handle;
    private final long received;
    // Written by the receiver before the message is offered, then by the thread for leases; read by settlers.
    private volatile long leasedUntil;

    SqsReceipt(String handle, long received, Duration lease) {
        this.handle = Objects.requireNonNull(handle, "handle");
        this.received = received;
        this.leasedUntil = received + lease.toNanos();
    }

    /**
     * The receipt handle; each receive of the same message has another.
     *
     * @return the handle
     */
    public String handle() {
        return handle;
    }

    /** The lease was set anew by a call that began at {@code now}. */
    void extended(long now, Duration lease) {
        leasedUntil = now + lease.toNanos();
    }

    /** Whether somebody else may have received the message by now. */
    boolean isLapsed(long now) {
        return now - leasedUntil > 0;
    }

    /** Whether it is a later receive than the other. */
    boolean isNewerThan(SqsReceipt other) {
        return received - other.received > 0;
    }

    /** How much longer SQS lets this receive hide the message, in whole seconds; zero or less when it is over. */
    Duration longestLease(long now) {
        return Duration.ofSeconds(
                SqsSource.LONGEST_LEASE.minusNanos(now - received).toSeconds());
    }

    @Override
    public String toString() {
        return handle;
    }
}
