package io.lastcall.testkit.broker;

import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A server that somebody else runs. */
record GivenRabbit(URI amqp, @Nullable URI management) implements RabbitServer {

    @Override
    public String kind() {
        return "given";
    }

    /** Never: nobody here would hear of it. */
    @Override
    public CompletionStage<Integer> ended() {
        return new CompletableFuture<>();
    }

    @Override
    public void kill9() {
        throw notOurs();
    }

    @Override
    public void stop() {
        throw notOurs();
    }

    @Override
    public void startAgain() {
        throw notOurs();
    }

    @Override
    public void suspend() {
        throw notOurs();
    }

    @Override
    public void resume() {
        throw notOurs();
    }

    @Override
    public void control(String... arguments) {
        throw notOurs();
    }

    @Override
    public void close() {}

    private static IllegalStateException notOurs() {
        return new IllegalStateException(
                "the server was given by " + RabbitBroker.ADDRESS + ", it is not ours to stop");
    }
}
