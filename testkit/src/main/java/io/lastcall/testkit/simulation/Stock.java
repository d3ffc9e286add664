package io.lastcall.testkit.simulation;

import io.lastcall.message.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the simulated broker knows: the truth about each message. Not thread-safe. */
final class Stock {

    /** Where a message is. */
    enum Place {
        AVAILABLE,
        /** On the wire or with the consumer, under its newest delivery. */
        OUT,
        /** Given back, to be had again after the next assignment only. */
        PARKED,
        ACCEPTED,
        REJECTED
    }

    /** One message. */
    static final class Stored {
        final String id;
        final int partition;
        final byte @Nullable [] key;
        Place place = Place.AVAILABLE;

        @Nullable
        Ticket current;

        int receives;
        /** Not handed out before; since the schedule began. */
        long notBefore;

        Stored(int number, int partition, byte @Nullable [] key) {
            this.id = "m" + number;
            this.partition = partition;
            this.key = key;
        }

        boolean isFinal() {
            return place == Place.ACCEPTED || place == Place.REJECTED;
        }
    }

    private final Scheduler scheduler;
    private final Scenario scenario;
    private final Runnable onAvailable;
    private final List<Stored> messages = new ArrayList<>();
    private int tickets;

    Stock(Scheduler scheduler, Scenario scenario, Runnable onAvailable) {
        this.scheduler = scheduler;
        this.scenario = scenario;
        this.onAvailable = onAvailable;
    }

    List<Stored> messages() {
        return messages;
    }

    void publish() {
        Dice dice = scheduler.dice;
        byte[] key = dice.oneIn(6) ? null : new byte[] {(byte) dice.below(scenario.keys)};
        messages.add(new Stored(messages.size(), dice.below(scenario.partitions), key));
        onAvailable.run();
    }

    /** Hands out what is available of a partition, in order; by chance something twice. */
    List<Ticket> take(SimulatedLane lane, int most) {
        List<Ticket> taken = new ArrayList<>();
        for (Stored stored : messages) {
            if (taken.size() >= most) {
                break;
            }
            if (stored.partition != lane.partition) {
                continue;
            }
            boolean due = stored.place == Place.AVAILABLE && stored.notBefore <= scheduler.elapsed();
            boolean again = stored.place == Place.OUT && scheduler.dice.percent(scenario.duplicates);
            if (due || again) {
                stored.place = Place.OUT;
                stored.receives++;
                Ticket ticket = new Ticket(tickets++, stored, lane, scenario.redelivers ? stored.receives : 1);
                stored.current = ticket;
                lend(ticket);
                taken.add(ticket);
            }
        }
        return taken;
    }

    /** Begins or renews a lease. */
    void lend(Ticket ticket) {
        scenario.rules.lease().ifPresent(lease -> {
            ticket.leaseUntil = scheduler.elapsed() + lease.toNanos();
            scheduler.after(lease.toNanos(), () -> {
                if (ticket.leaseUntil <= scheduler.elapsed()) {
                    lapse(ticket);
                }
            });
        });
    }

    /** The lease is over; returns whether that changed anything. */
    boolean lapse(Ticket ticket) {
        if (!isCurrent(ticket)) {
            return false;
        }
        free(ticket.stored, 0);
        return true;
    }

    boolean isCurrent(Ticket ticket) {
        return ticket.stored.current == ticket && ticket.stored.place == Place.OUT;
    }

    /** Does what a settlement says; false when the delivery is no longer the consumer's. */
    boolean apply(Ticket ticket, Outcome outcome) {
        if (!isCurrent(ticket)) {
            return false;
        }
        Stored stored = ticket.stored;
        if (outcome instanceof Outcome.Accept) {
            stored.place = Place.ACCEPTED;
        } else if (outcome instanceof Outcome.Reject) {
            stored.place = Place.REJECTED;
        } else if (!scenario.redelivers) {
            stored.place = Place.PARKED;
        } else if (outcome instanceof Outcome.Retry retry) {
            free(stored, retry.delay().map(java.time.Duration::toNanos).orElse(0L));
        } else {
            free(stored, 0);
        }
        return true;
    }

    /** The consumer holds it no more and the broker does not know; without a lease only a new assignment brings it back. */
    void forsake(Ticket ticket) {
        if (isCurrent(ticket) && scenario.rules.lease().isEmpty()) {
            ticket.stored.place = Place.PARKED;
        }
    }

    /** The broker has it back, whatever was with the consumer. */
    void takeBack(Ticket ticket) {
        if (isCurrent(ticket)) {
            free(ticket.stored, 0);
        }
    }

    /** A partition is assigned afresh: what was given back before can be had again. */
    void reassign(int partition) {
        for (Stored stored : messages) {
            if (stored.partition == partition && stored.place == Place.PARKED) {
                free(stored, 0);
            }
        }
    }

    private void free(Stored stored, long delay) {
        stored.place = Place.AVAILABLE;
        stored.notBefore = scheduler.elapsed() + delay;
        if (delay > 0) {
            scheduler.after(delay, onAvailable);
        } else {
            onAvailable.run();
        }
    }
}
