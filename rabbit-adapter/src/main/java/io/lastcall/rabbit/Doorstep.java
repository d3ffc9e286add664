package io.lastcall.rabbit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Lane;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Where deliveries wait that the broker has sent and the core does not want yet, as in a pause: the subscription stays, and the prefetch
 * bounds what waits. They are offered in the broker's order, by the dispatcher or the owner, and given back when no more can be offered.
 * Safe for any thread; offers under its own lock, since two threads must not turn the order round.
 */
final class Doorstep {

    private final Lane<DeliveryTag> lane;
    private final StopGate gate;
    // A subscription that is not cancelled to stop: then each offer has to pass the gate.
    private final boolean stays;

    @GuardedBy("this")
    private final Deque<Delivery<DeliveryTag>> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private int receivers;

    Doorstep(Lane<DeliveryTag> lane, StopGate gate, boolean stays) {
        this.lane = lane;
        this.gate = gate;
        this.stays = stays;
    }

    /** Lets in one more receiver, which leaves once; false when the stop was asked for. */
    boolean enter() {
        synchronized (this) {
            if (!gate.enter()) {
                return false;
            }
            receivers++;
        }
        if (stays) {
            gate.leave();
        }
        return true;
    }

    /** A receiver brings no more; when it was the last, nothing is offered from here on. */
    void leave() {
        synchronized (this) {
            receivers--;
        }
        if (!stays) {
            gate.leave();
        }
    }

    /** The broker has sent one. */
    synchronized void came(Delivery<DeliveryTag> delivery) {
        if (!waiting.isEmpty() || !isWanted() || !offered(delivery)) {
            waiting.add(delivery);
        }
    }

    /** Offers what waits, as far as it is wanted. */
    synchronized void open() {
        while (!waiting.isEmpty() && isWanted() && offered(waiting.getFirst())) {
            waiting.removeFirst();
        }
    }

    /** Takes out all that waits. */
    synchronized List<Long> clear() {
        List<Long> tags = waiting.stream().map(it -> it.receipt().tag).toList();
        waiting.clear();
        return tags;
    }

    // Reading no capacity arms the signal. In a stop that is to be confirmed by the broker, what it had sent before is
    // counted as received, whether there is capacity or not.
    @GuardedBy("this")
    private boolean isWanted() {
        return receivers > 0 && (lane.capacity() > 0 || (!stays && gate.isAsked()));
    }

    @GuardedBy("this")
    private boolean offered(Delivery<DeliveryTag> delivery) {
        if (!stays) {
            return lane.offer(List.of(delivery));
        }
        if (!gate.enter()) {
            return false;
        }
        try {
            return lane.offer(List.of(delivery));
        } finally {
            gate.leave();
        }
    }
}
