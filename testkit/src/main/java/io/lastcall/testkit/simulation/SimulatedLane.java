package io.lastcall.testkit.simulation;

import io.lastcall.spi.Delivery;
import io.lastcall.spi.Lane;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.Revocation;
import io.lastcall.spi.RevokeReason;
import io.lastcall.testkit.simulation.Event.DeliveryFacts;
import io.lastcall.testkit.simulation.Event.Kind;
import java.util.ArrayList;
import java.util.List;

/** One partition in one assignment: fetches while there is capacity, as a client would. Not thread-safe. */
final class SimulatedLane {

    final int id;
    final int partition;
    final long epoch;
    final Lane<Ticket> lane;
    private final SimulatedSource source;
    private final World world;
    private final List<Ticket> out = new ArrayList<>();
    private boolean fetching;
    private boolean fetchIsDue;
    /** Revoked: nothing of it is offered any more. */
    private boolean revoked;
    /** Another may own it: the broker has taken everything back. */
    private boolean gone;

    SimulatedLane(int id, int partition, long epoch, SimulatedSource source, World world) {
        this.id = id;
        this.partition = partition;
        this.epoch = epoch;
        this.source = source;
        this.world = world;
        this.lane = source.intake().open(new LaneId(name(partition), epoch), world.scenario.rules);
    }

    static String name(int partition) {
        return "p" + partition;
    }

    String name() {
        return name(partition);
    }

    int run() {
        return source.run();
    }

    boolean isRevoked() {
        return revoked;
    }

    boolean isGone() {
        return gone;
    }

    List<Ticket> out() {
        return out;
    }

    /** Fetches soon, unless it does already. */
    void poke() {
        if (!fetchIsDue && !fetching && !revoked) {
            fetchIsDue = true;
            world.scheduler.after(world.dice.below(20_000), this::fetch);
        }
    }

    private void fetch() {
        fetchIsDue = false;
        if (fetching || revoked || !source.isReceiving()) {
            return;
        }
        int capacity = lane.capacity();
        world.record(Kind.CAPACITY, source.run(), id, capacity, null);
        int most = Math.min(capacity - source.asked(), world.scenario.largestFetch);
        if (most <= 0) {
            return; // the signal comes, or what was asked for arrives
        }
        List<Ticket> taken = world.stock.take(this, most);
        if (taken.isEmpty()) {
            return; // the broker pokes when there is something
        }
        fetching = true;
        out.addAll(taken);
        source.onWire(taken.size());
        world.scheduler.after(world.latency(), () -> arrive(taken));
    }

    private void arrive(List<Ticket> batch) {
        if (source.dropsArrivals()) {
            batch.forEach(world.stock::takeBack);
            source.arrived(batch.size());
            return;
        }
        List<Delivery<Ticket>> deliveries = new ArrayList<>();
        for (Ticket ticket : batch) {
            world.record(
                    Kind.OFFERING,
                    source.run(),
                    ticket.id,
                    0,
                    new DeliveryFacts(
                            ticket.id(), id, world.strandOf(ticket), ticket.attempt(), world.keyFails(ticket)));
            deliveries.add(new Delivery<>(ticket, ticket));
        }
        boolean taken = lane.offer(deliveries);
        for (Ticket ticket : batch) {
            world.record(Kind.OFFERED, source.run(), ticket.id, taken ? 1 : 0, null);
            if (!taken) {
                world.stock.takeBack(ticket);
            }
        }
        fetching = false;
        source.arrived(batch.size());
        poke();
    }

    // ---- taken away ----

    /** The broker takes the partition away; by chance it comes back to us later. */
    void revoke(RevokeReason why) {
        if (revoked) {
            return;
        }
        revoked = true;
        if (why == RevokeReason.LOST) {
            leave();
        }
        world.record(Kind.REVOKING, source.run(), id, 0, null);
        Revocation left = lane.revoke(why);
        world.record(Kind.REVOKED, source.run(), id, ((long) left.unstarted() << 32) | left.running(), why);
        boolean over = left.finished().toCompletableFuture().isDone();
        left.finished().thenRun(() -> {
            if (!over) {
                world.mustBe(Place.WORKER, "the end of a revocation is told");
            }
            world.record(Kind.FINISHED, source.run(), id, 0, null);
            handOver(left);
        });
        if (why == RevokeReason.LOST) {
            source.giveUpAnswers(this);
            assignAgain();
        } else {
            world.scheduler.after(world.dice.magnitude(100_000, 4_000_000_000L), () -> handOver(left));
        }
        if (world.dice.oneIn(8)) {
            lane.revoke(RevokeReason.REASSIGNED);
        }
    }

    /** The wait of a reassignment is over: answers first, then the fence, then the next owner. */
    private void handOver(Revocation left) {
        if (gone) {
            return;
        }
        source.flush(this);
        int cut = left.fence();
        world.record(Kind.FENCED, source.run(), id, cut, null);
        leave();
        assignAgain();
    }

    private void leave() {
        gone = true;
        out.forEach(world.stock::takeBack);
    }

    private void assignAgain() {
        if (world.scenario.toTheEnd || world.dice.percent(60)) {
            world.scheduler.after(world.dice.magnitude(10_000, 500_000_000), () -> {
                world.stock.reassign(partition);
                source.assign(partition, epoch + 1);
            });
        }
    }

    void close() {
        revoked = true;
        leave();
    }
}
