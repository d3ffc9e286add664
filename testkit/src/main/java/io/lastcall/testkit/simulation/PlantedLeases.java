package io.lastcall.testkit.simulation;

import io.lastcall.DrainSettings;
import io.lastcall.Problem;
import io.lastcall.internal.dispatch.Drainage;
import io.lastcall.internal.dispatch.Floor;
import io.lastcall.internal.dispatch.Leases;
import io.lastcall.internal.drain.DrainSequence;
import io.lastcall.internal.drain.Order;
import io.lastcall.internal.lease.LeaseKeeper;
import io.lastcall.internal.time.Host;
import io.lastcall.spi.Source;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Faults in keeping leases. */
final class PlantedLeases {

    private PlantedLeases() {}

    /** 1. */
    static final class StopWithTheDrain extends Planting {
        StopWithTheDrain(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected LeaseKeeper<Ticket> leases(
                Host host,
                Leases<Ticket> leases,
                Supplier<@Nullable Source<Ticket>> source,
                Consumer<Problem> problems) {
            return new LeaseKeeper<>(host, leases, source, problems) {
                @Override
                public void drainBegins() {
                    close();
                }
            };
        }
    }

    /** 11. */
    static final class StopWithTheGrace extends Planting {
        private @Nullable LeaseKeeper<Ticket> keeper;

        StopWithTheGrace(World world, List<Floor<Ticket>> floors) {
            super(world, floors);
        }

        @Override
        protected LeaseKeeper<Ticket> leases(
                Host host,
                Leases<Ticket> leases,
                Supplier<@Nullable Source<Ticket>> source,
                Consumer<Problem> problems) {
            LeaseKeeper<Ticket> made = super.leases(host, leases, source, problems);
            keeper = made;
            return made;
        }

        @Override
        protected DrainSequence<Ticket> drain(
                Host host, Drainage<Ticket> drainage, DrainSequence.Run run, DrainSettings settings) {
            LeaseKeeper<Ticket> mine = keeper;
            return new PlantedDrains.Changed(host, drainage, run, settings) {
                @Override
                public void advance() {
                    super.advance();
                    Order order = order();
                    if (order != null && mine != null && host.nanoTime() - order.tell() >= 0) {
                        mine.close();
                    }
                }
            };
        }
    }
}
