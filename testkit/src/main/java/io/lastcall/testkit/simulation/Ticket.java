package io.lastcall.testkit.simulation;

import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Origin;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One delivery of a simulated message: the message as it is seen, and its receipt. Not thread-safe. */
final class Ticket implements Message<byte[]> {

    final int id;
    final Stock.Stored stored;
    final SimulatedLane lane;
    private final int attempt;
    /** Until when it is ours; since the schedule began. */
    long leaseUntil;
    /** The settlement was told. */
    boolean told;

    Ticket(int id, Stock.Stored stored, SimulatedLane lane, int attempt) {
        this.id = id;
        this.stored = stored;
        this.lane = lane;
        this.attempt = attempt;
    }

    @Override
    public String id() {
        return stored.id;
    }

    @Override
    public Origin origin() {
        return new Origin("simulation", "stock", lane.name(), Integer.toString(id));
    }

    @Override
    public byte @Nullable [] key() {
        return stored.key;
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
        return attempt;
    }

    @Override
    public String toString() {
        return "delivery " + id + " of " + stored.id;
    }
}
