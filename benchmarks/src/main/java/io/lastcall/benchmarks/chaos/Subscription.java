package io.lastcall.benchmarks.chaos;

import static io.lastcall.benchmarks.chaos.Subscription.Alone.KEY;
import static io.lastcall.benchmarks.chaos.Subscription.Alone.MESSAGE;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How the members of a round share what is published, and what their broker keeps apart. */
enum Subscription {
    /** Kafka: each rebalance takes all partitions. */
    EAGER(Broker.KAFKA, KEY, KEY),
    /** Kafka: the older protocol, but only what goes elsewhere is taken. */
    COOPERATIVE(Broker.KAFKA, KEY, KEY),
    /** Kafka, KIP-848: the broker decides. */
    CONSUMER(Broker.KAFKA, KEY, KEY),
    /** A FIFO queue of SQS, where a message group is in one hand at a time. */
    FIFO(Broker.SQS, KEY, KEY),
    /** A standard queue of SQS, which knows neither keys nor order. */
    STANDARD(Broker.SQS, MESSAGE, MESSAGE),
    /** A quorum queue of RabbitMQ: consumers compete, each keeps its own part of a key in order. */
    QUORUM(Broker.RABBIT, KEY, MESSAGE),
    /** A classic queue of RabbitMQ, the same. */
    CLASSIC(Broker.RABBIT, KEY, MESSAGE);

    /** The brokers that rounds are played on. */
    enum Broker {
        KAFKA,
        SQS,
        RABBIT;

        /** As it is typed. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        List<Subscription> subscriptions() {
            return Arrays.stream(Subscription.values())
                    .filter(it -> it.broker == this)
                    .toList();
        }
    }

    /** What is not handled twice at once. */
    enum Alone {
        MESSAGE,
        KEY
    }

    private final Broker broker;
    private final Alone inOne;
    private final Alone acrossAll;

    Subscription(Broker broker, Alone inOne, Alone acrossAll) {
        this.broker = broker;
        this.inOne = inOne;
        this.acrossAll = acrossAll;
    }

    Broker broker() {
        return broker;
    }

    /** Within one member. */
    Alone inOne() {
        return inOne;
    }

    /** Among all members, and then the order of a key is kept too. */
    Alone acrossAll() {
        return acrossAll;
    }
}
