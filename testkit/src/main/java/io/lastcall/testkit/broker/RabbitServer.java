package io.lastcall.testkit.broker;

import java.net.URI;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A RabbitMQ server as {@link RabbitBroker} uses it, wherever it runs. One thread at a time. */
interface RabbitServer {

    /** Where it was taken from, in a few words. */
    String kind();

    /** The AMQP address with user and password. */
    URI amqp();

    /** The address of the management plug-in with user and password, or null where there is none. */
    @Nullable
    URI management();

    /** The end of the run that was started last, with its exit status; never of one that is not ours. */
    CompletionStage<Integer> ended();

    /** Kills it (SIGKILL); port and data stay. */
    void kill9();

    /** Stops it in order; port and data stay. */
    void stop();

    /** Starts it again after it was killed or stopped. */
    void startAgain();

    /** Freezes it. */
    void suspend();

    /** Lets it go on. */
    void resume();

    /** Runs {@code rabbitmqctl} with these arguments against it. */
    void control(String... arguments);

    /** Ends it and deletes its data. */
    void close();
}
