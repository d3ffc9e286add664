package io.lastcall.examples.guides;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.examples.spool.Spool;
import io.lastcall.message.Headers;
import io.lastcall.message.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;

/** The block of docs/writing-an-adapter.md that uses the adapter; all others stand in the adapter and in its tests. */
final class AdapterGuide {

    private AdapterGuide() {}

    static MessageConsumer consumer() throws IOException {
        Spool orders = Spool.in(Path.of("spool/orders"), Clock.systemUTC());
        orders.publish("alice".getBytes(UTF_8), Headers.empty(), "one lamp".getBytes(UTF_8));
        MessageConsumer consumer = MessageConsumer.from(orders)
                .concurrency(8)
                .ordering(Ordering.byKey())
                .handle((message, context) -> {
                    System.out.println("attempt " + context.attempt() + " of " + message.id());
                    return Outcome.accept();
                });
        return consumer;
    }
}
