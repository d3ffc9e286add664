package io.lastcall.testkit.contract;

import io.lastcall.spi.Capability;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Extension;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/** A source whose every exchange with the core is written into a ledger. Changes nothing. Safe for any thread. */
final class Observed<R> extends PassingFactory<R> {

    private final Ledger ledger;
    private final boolean freeRelease;

    private Observed(SourceFactory<R> factory, Ledger ledger, boolean freeRelease) {
        super(factory);
        this.ledger = ledger;
        this.freeRelease = freeRelease;
    }

    static <R> SourceFactory<R> by(Ledger ledger, SourceFactory<R> factory, boolean freeRelease) {
        return new Observed<>(factory, ledger, freeRelease);
    }

    @Override
    public Source<R> open() {
        return new ObservedSource(factory.open());
    }

    private final class ObservedSource extends PassingSource<R> {

        private final AtomicBoolean started = new AtomicBoolean();
        private final AtomicBoolean closed = new AtomicBoolean();

        ObservedSource(Source<R> source) {
            super(source);
        }

        @Override
        public void start(Intake<R> intake) throws Exception {
            if (!started.compareAndSet(false, true)) {
                ledger.breach("S1 start was called twice");
            }
            ledger.startAsked();
            source.start(new ObservedIntake(intake));
        }

        @Override
        public CompletionStage<Void> stopReceiving() {
            ledger.stopAsked();
            return source.stopReceiving().whenComplete((nothing, failure) -> {
                if (failure == null) {
                    ledger.stopConfirmed();
                }
            });
        }

        @Override
        public void settle(List<? extends Settlement<R>> run) {
            ledger.settling(run);
            source.settle(run);
        }

        @Override
        public CompletionStage<List<Extension>> extend(List<Delivery<R>> held) {
            List<Entry> entries = ledger.entriesOf(held);
            ledger.extending(entries, true);
            return source.extend(held).whenComplete((answers, failure) -> ledger.extending(entries, false));
        }

        @Override
        public void close(Duration atMost) throws Exception {
            ledger.closeCalled();
            if (!closed.compareAndSet(false, true)) {
                ledger.breach("S6 close was called twice");
            }
            try {
                source.close(atMost);
            } finally {
                ledger.closeReturned();
            }
        }
    }

    private final class ObservedIntake extends PassingIntake<R> {

        ObservedIntake(Intake<R> intake) {
            super(intake);
        }

        @Override
        public Lane<R> open(LaneId id, LaneRules rules) {
            ledger.laneOpened(id.toString());
            if (rules.freeRelease() != freeRelease) {
                ledger.breach(
                        "lane " + id + " says freeRelease = " + rules.freeRelease() + ", the broker is " + freeRelease);
            }
            if (rules.lease().isPresent() != capabilities().contains(Capability.LEASE)) {
                ledger.breach("lane " + id + " says lease = " + rules.lease() + ", capabilities are " + capabilities());
            }
            return new ObservedLane(id.toString(), intake.open(id, rules));
        }
    }

    private final class ObservedLane extends PassingLane<R> {

        private final String id;
        private final Object order = new Object();

        ObservedLane(String id, Lane<R> lane) {
            super(lane);
            this.id = id;
        }

        @Override
        public boolean offer(List<Delivery<R>> batch) {
            List<Delivery<R>> copy = List.copyOf(batch);
            ledger.offerBegins(copy);
            ledger.passGate();
            // Two threads may offer to one lane: what is written down must have the order that the core saw.
            synchronized (order) {
                ledger.offering(id, copy);
                List<Entry> entries = ledger.entriesOf(copy);
                boolean taken = false;
                try {
                    taken = lane.offer(batch);
                } finally {
                    ledger.offered(entries, taken);
                }
                return taken;
            }
        }

        @Override
        public void settled(Collection<? extends Settlement<R>> covered) {
            ledger.answered(covered, null);
            lane.settled(covered);
        }

        @Override
        public void unsettled(Collection<? extends Settlement<R>> failed, Failure why) {
            ledger.answered(failed, why);
            lane.unsettled(failed, why);
        }
    }
}
