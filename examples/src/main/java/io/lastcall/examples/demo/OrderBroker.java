package io.lastcall.examples.demo;

import io.lastcall.ConsumerBuilder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** A broker with a topic of orders and a place for dead letters. Safe for any thread; {@link #close} gives all back. */
interface OrderBroker extends AutoCloseable {

    /** What it has in the end, read back from it: ids of orders. */
    record Evidence(List<Integer> available, List<Integer> deadLetters) {}

    /** As in the report: {@code kafka}. */
    String name();

    /** For people: where it runs. */
    String description();

    /** The unexpected end of the broker: completes with what happened. */
    CompletionStage<String> gone();

    /**
     * Publishes; the ledger hears when the broker has it, or that it failed.
     *
     * @return false when there is no room now: nothing was published
     */
    boolean publish(Order order, Ledger ledger);

    /** Waits until the broker has answered all that was published; nothing is published after it. */
    void finishPublishing();

    /** A subscription of the orders, with a place for dead letters. */
    ConsumerBuilder<byte[]> subscribe();

    /** What is to be closed behind the consumer, by name. */
    Map<String, AutoCloseable> resources();

    /** Asks the broker, once, when the consumer has ended: what is still there for the next one, and what is dead. */
    Evidence readBack();

    /** For people: how {@link #readBack} knows what is still there. */
    String whereAvailable();

    @Override
    void close();
}
