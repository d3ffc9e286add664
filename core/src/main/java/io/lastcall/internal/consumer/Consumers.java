package io.lastcall.internal.consumer;

import io.lastcall.MessageConsumer;
import io.lastcall.internal.time.Host;

/** Where the root package gets its consumers from. Stateless. */
public final class Consumers {

    private Consumers() {}

    /** A consumer on the JVM's own clock and threads, unless a test says otherwise. */
    public static <R> MessageConsumer create(Plan<R> plan) {
        return new RestartableConsumer<>(plan, Host.Opener.current(), new Assembly<>());
    }
}
