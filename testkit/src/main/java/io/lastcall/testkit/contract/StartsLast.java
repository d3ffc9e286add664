package io.lastcall.testkit.contract;

import io.lastcall.spi.Intake;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import io.lastcall.testkit.Signals;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** A source whose start is held at its door until it was asked to stop: what a race brings about now and then. Safe for any thread. */
final class StartsLast<R> extends PassingFactory<R> {

    /** Fired when the start is at the door. */
    static final String AT_THE_DOOR = "start is at the door";

    private static final String STOP_ASKED = "stop was asked for";

    private final Signals signals;
    private final Duration patience;

    StartsLast(SourceFactory<R> factory, Signals signals, Duration patience) {
        super(factory);
        this.signals = signals;
        this.patience = patience;
    }

    @Override
    public Source<R> open() {
        return new PassingSource<>(factory.open()) {
            @Override
            public void start(Intake<R> intake) throws Exception {
                signals.fire(AT_THE_DOOR);
                signals.await(STOP_ASKED, patience);
                super.start(intake);
            }

            @Override
            public CompletionStage<Void> stopReceiving() {
                CompletionStage<Void> stopping = super.stopReceiving();
                signals.fire(STOP_ASKED);
                return stopping;
            }
        };
    }
}
