package io.lastcall.benchmarks.broker;

import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.message.Outcome;
import java.util.Objects;
import java.util.function.Consumer;

/** Takes what a group has not done. Stateless. */
final class KafkaRest {

    private KafkaRest() {}

    /**
     * Handles all that is left, as a member of the group, and leaves it.
     *
     * @param eye sees each body
     * @return whether that went well
     */
    static boolean take(KafkaStock stock, String group, Consumer<byte[]> eye) {
        MessageConsumer rest = MessageConsumer.from(
                        KafkaNoop.source(stock, group).runUntilCaughtUp())
                .name("rest")
                .concurrency(KafkaStock.PARTITIONS)
                .ordering(Ordering.byKey())
                .dropRejected()
                .handle((message, context) -> {
                    eye.accept(Objects.requireNonNull(message.body(), "body"));
                    return Outcome.accept();
                })
                .start();
        return rest.ended().toCompletableFuture().join().clean();
    }
}
