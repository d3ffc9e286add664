package io.lastcall.examples.guides;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.ConnectionFactory;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.MessageHandler;
import io.lastcall.Ordering;
import io.lastcall.message.Outcome;
import io.lastcall.rabbit.QueueType;
import io.lastcall.rabbit.RabbitDeadLetters;
import io.lastcall.rabbit.RabbitQueue;
import io.lastcall.rabbit.RabbitReplies;
import io.lastcall.rabbit.RabbitSource;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The blocks of docs/rabbitmq.md. */
final class RabbitGuide {

    private RabbitGuide() {}

    static RabbitSource source() {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUsername("shop");
        factory.setPassword(System.getenv("RABBITMQ_PASSWORD"));
        RabbitSource source = RabbitSource.queue("orders") // must exist
                .connection(factory)
                .addresses("rabbit-1:5672,rabbit-2:5672")
                .queueType(QueueType.QUORUM)
                .deadLettering();
        return source;
    }

    static RabbitSource declared(ConnectionFactory factory) {
        RabbitQueue orders = RabbitQueue.quorum("orders")
                .deadLettersTo("orders.dead")
                .deliveryLimit(10)
                .boundTo("shop", BuiltinExchangeType.TOPIC, "orders.#")
                .argument("x-max-length", 100_000);
        RabbitSource source = RabbitSource.queue(orders).connection(factory);
        return source;
    }

    static MessageConsumer consumer(RabbitSource source, MessageHandler<byte[]> handler) {
        MessageConsumer consumer = MessageConsumer.from(source)
                .concurrency(16)
                .limit(64)
                .drain(DrainSettings.within(Duration.ofSeconds(25)))
                .handle(handler);
        return consumer;
    }

    static MessageConsumer single(ConnectionFactory factory, MessageHandler<byte[]> handler) {
        RabbitQueue ledger = RabbitQueue.quorum("ledger").singleActiveConsumer().deadLettersTo("ledger.dead");
        MessageConsumer consumer = MessageConsumer.from(
                        RabbitSource.queue(ledger).connection(factory))
                .ordering(Ordering.byLane())
                .concurrency(1)
                .limit(1)
                .handle(handler);
        return consumer;
    }

    static MessageConsumer letters(ConnectionFactory factory, RabbitSource source, MessageHandler<byte[]> handler) {
        RabbitDeadLetters letters = RabbitDeadLetters.open(factory); // in the queue orders.dead, which must exist
        MessageConsumer consumer =
                MessageConsumer.from(source).deadLetters(letters).handle(handler);
        return consumer;
    }

    static MessageConsumer answering(RabbitSource source, RabbitReplies replies) {
        MessageConsumer consumer = MessageConsumer.from(source).handle((message, context) -> {
            replies.reply(message, "booked".getBytes(UTF_8))
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
            return Outcome.accept(); // the answer is kept by the broker: at least one goes out
        });
        return consumer;
    }
}
