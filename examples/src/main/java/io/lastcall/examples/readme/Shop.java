package io.lastcall.examples.readme;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.Retry;
import io.lastcall.kafka.KafkaSource;
import io.lastcall.message.Outcome;
import io.lastcall.spi.DeadLetterSink;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** The consumer of the README. */
abstract class Shop {

    abstract void book(String order);

    void run(String servers, DeadLetterSink deadLetters, CountDownLatch stopSignal) throws InterruptedException {
        try (MessageConsumer orders = MessageConsumer.from(KafkaSource.topics("orders")
                        .properties(Map.of("bootstrap.servers", servers))
                        .groupId("shop"))
                .name("orders")
                .concurrency(32)
                .ordering(Ordering.byKey())
                .drain(DrainSettings.within(Duration.ofSeconds(25)))
                .retry(Retry.exponential(5, Duration.ofSeconds(1), Duration.ofMinutes(1)))
                .deadLetters(deadLetters)
                .decode(message -> new String(message.body(), UTF_8))
                .handle((order, context) -> {
                    book(order.body());
                    return Outcome.accept();
                })
                .start()) {
            stopSignal.await();
        }
    }
}
