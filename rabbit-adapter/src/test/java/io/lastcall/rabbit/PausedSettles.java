package io.lastcall.rabbit;

import io.lastcall.spi.Capability;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Pauses between the end of a handler and the moment in which the source hears of it. Safe for any thread if the pause is. */
record PausedSettles(RabbitSource factory, Supplier<?> pause) implements SourceFactory<DeliveryTag> {

    @Override
    public String name() {
        return factory.name();
    }

    @Override
    public Set<Capability> capabilities() {
        return factory.capabilities();
    }

    @Override
    public Source<DeliveryTag> open() {
        Source<DeliveryTag> source = factory.open();
        return new Source<>() {
            @Override
            public void start(Intake<DeliveryTag> intake) throws Exception {
                source.start(intake);
            }

            @Override
            public CompletionStage<Void> stopReceiving() {
                return source.stopReceiving();
            }

            @Override
            public void settle(List<? extends Settlement<DeliveryTag>> run) {
                Object unused = pause.get();
                source.settle(run);
            }

            @Override
            public void close(Duration atMost) throws Exception {
                source.close(atMost);
            }
        };
    }
}
