package io.lastcall.examples.readme;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lastcall.ConsumerRuntime;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.Retry;
import io.lastcall.kafka.KafkaDeadLetters;
import io.lastcall.kafka.KafkaSource;
import io.lastcall.message.Outcome;
import java.time.Duration;
import java.util.Map;

/** The program of the README. */
final class Shop {

    private Shop() {}

    public static void main(String[] arguments) {
        Map<String, Object> kafka = Map.of("bootstrap.servers", "localhost:9092");
        KafkaDeadLetters deadLetters = KafkaDeadLetters.open(kafka); // in the topic orders.dead
        MessageConsumer orders = MessageConsumer.from(
                        KafkaSource.topics("orders").groupId("shop").properties(kafka))
                .name("orders")
                .concurrency(32)
                .ordering(Ordering.byKey())
                .retry(Retry.exponential(5, Duration.ofSeconds(1), Duration.ofMinutes(1)))
                .deadLetters(deadLetters)
                .decode(message -> new String(message.body(), UTF_8))
                .handle((order, context) -> {
                    System.out.println("booked " + order.body());
                    return Outcome.accept();
                });
        ConsumerRuntime.of(orders)
                .drain(DrainSettings.within(Duration.ofSeconds(25)))
                .closing("dead letters", deadLetters)
                .build()
                .runToExit(); // SIGTERM and SIGINT drain; the exit status follows the report
    }
}
