package io.lastcall.examples.spool;

import io.lastcall.MessageConsumer;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.Signals;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;

/** A process that claims one message of a spool, says so, and holds it until it is killed or its input ends. */
final class SpoolHolder {

    static final String HOLDS = "holds ";

    private SpoolHolder() {}

    public static void main(String[] arguments) throws IOException {
        Signals signals = new Signals();
        MessageConsumer.from(Spool.in(Path.of(arguments[0]), Clock.systemUTC()))
                .limit(1)
                .handle((message, context) -> {
                    System.out.println(HOLDS + message.id());
                    signals.awaitStubbornly("never");
                    return Outcome.accept();
                })
                .start();
        // Whoever has started this process holds the other end.
        Runtime.getRuntime().halt(System.in.read());
    }
}
