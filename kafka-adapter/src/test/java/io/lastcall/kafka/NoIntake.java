package io.lastcall.kafka;

import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;

/** For a start that does not get far. */
final class NoIntake implements Intake<KafkaMessage> {

    @Override
    public String consumer() {
        return "none";
    }

    @Override
    public Lane<KafkaMessage> open(LaneId id, LaneRules rules) {
        throw new AssertionError("a lane was opened: " + id);
    }

    @Override
    public int limit() {
        return 1;
    }

    @Override
    public void onLimitChanged(Runnable signal) {}

    @Override
    public void onCapacity(Runnable signal) {}

    @Override
    public void ended() {
        throw new AssertionError("ended");
    }

    @Override
    public void failed(Throwable cause) {
        throw new AssertionError("failed", cause);
    }

    @Override
    public ThreadFactory threads() {
        throw new AssertionError("a thread was made");
    }

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public boolean await(CompletionStage<?> stage, Duration atMost) {
        throw new AssertionError("a wait");
    }
}
