package io.lastcall.benchmarks.broker;

import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.message.Outcome;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/** A member of a group that can be stopped and started again. One thread directs it. */
interface GroupMember {

    void start();

    /** Returns when it has left; at once when it does not run. */
    void stop() throws ExecutionException, InterruptedException;

    /** Makes one that does not run yet. */
    @FunctionalInterface
    interface Maker {
        GroupMember make(KafkaStock stock, String group, Map<String, String> protocol, Consumer<byte[]> eye);
    }

    /** A consumer of this framework. */
    static GroupMember ours(KafkaStock stock, String group, Map<String, String> protocol, Consumer<byte[]> eye) {
        MessageConsumer consumer = MessageConsumer.from(
                        KafkaNoop.source(stock, group).properties(protocol))
                .name("member")
                .concurrency(KafkaStock.PARTITIONS)
                .ordering(Ordering.byKey())
                .dropRejected()
                .handle((message, context) -> {
                    eye.accept(Objects.requireNonNull(message.body(), "body"));
                    return Outcome.accept();
                });
        return new GroupMember() {
            @Override
            public void start() {
                consumer.start();
            }

            @Override
            public void stop() {
                consumer.close();
            }
        };
    }

    /** A loop over the bare client. */
    static GroupMember bare(KafkaStock stock, String group, Map<String, String> protocol, Consumer<byte[]> eye) {
        return new BareMember(stock, group, protocol, eye);
    }
}
