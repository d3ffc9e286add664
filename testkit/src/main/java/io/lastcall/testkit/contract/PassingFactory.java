package io.lastcall.testkit.contract;

import io.lastcall.spi.Capability;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Extension;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.Revocation;
import io.lastcall.spi.RevokeReason;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;

/** Passes everything on, both ways; subclasses change or note what they care about. Safe for any thread. */
class PassingFactory<R> implements SourceFactory<R> {

    final SourceFactory<R> factory;

    PassingFactory(SourceFactory<R> factory) {
        this.factory = factory;
    }

    @Override
    public String name() {
        return factory.name();
    }

    @Override
    public Set<Capability> capabilities() {
        return factory.capabilities();
    }

    @Override
    public int defaultLimit(int concurrency) {
        return factory.defaultLimit(concurrency);
    }

    @Override
    public Source<R> open() {
        return new PassingSource<>(factory.open());
    }

    /** A source that passes on to another. */
    static class PassingSource<R> implements Source<R> {

        final Source<R> source;

        PassingSource(Source<R> source) {
            this.source = source;
        }

        @Override
        public void start(Intake<R> intake) throws Exception {
            source.start(intake);
        }

        @Override
        public CompletionStage<Void> stopReceiving() {
            return source.stopReceiving();
        }

        @Override
        public void settle(List<? extends Settlement<R>> run) {
            source.settle(run);
        }

        @Override
        public CompletionStage<List<Extension>> extend(List<Delivery<R>> held) {
            return source.extend(held);
        }

        @Override
        public void close(Duration atMost) throws Exception {
            source.close(atMost);
        }
    }

    /** An intake that passes on to another. */
    static class PassingIntake<R> implements Intake<R> {

        final Intake<R> intake;

        PassingIntake(Intake<R> intake) {
            this.intake = intake;
        }

        @Override
        public String consumer() {
            return intake.consumer();
        }

        @Override
        public Lane<R> open(LaneId id, LaneRules rules) {
            return intake.open(id, rules);
        }

        @Override
        public int limit() {
            return intake.limit();
        }

        @Override
        public void onLimitChanged(Runnable signal) {
            intake.onLimitChanged(signal);
        }

        @Override
        public void onCapacity(Runnable signal) {
            intake.onCapacity(signal);
        }

        @Override
        public void ended() {
            intake.ended();
        }

        @Override
        public void failed(Throwable cause) {
            intake.failed(cause);
        }

        @Override
        public ThreadFactory threads() {
            return intake.threads();
        }

        @Override
        public long nanoTime() {
            return intake.nanoTime();
        }

        @Override
        public boolean await(CompletionStage<?> stage, Duration atMost) throws InterruptedException {
            return intake.await(stage, atMost);
        }
    }

    /** A lane that passes on to another. */
    static class PassingLane<R> implements Lane<R> {

        final Lane<R> lane;

        PassingLane(Lane<R> lane) {
            this.lane = lane;
        }

        @Override
        public int capacity() {
            return lane.capacity();
        }

        @Override
        public int awaitCapacity(Duration atMost) throws InterruptedException {
            return lane.awaitCapacity(atMost);
        }

        @Override
        public boolean offer(List<Delivery<R>> batch) {
            return lane.offer(batch);
        }

        @Override
        public void settled(Collection<? extends Settlement<R>> covered) {
            lane.settled(covered);
        }

        @Override
        public void unsettled(Collection<? extends Settlement<R>> failed, Failure why) {
            lane.unsettled(failed, why);
        }

        @Override
        public Revocation revoke(RevokeReason why) {
            return lane.revoke(why);
        }
    }
}
