package io.lastcall.examples.guides;

import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.MessageHandler;
import io.lastcall.sqs.SqsSource;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The blocks of docs/sqs.md. */
final class SqsGuide {

    private SqsGuide() {}

    static MessageConsumer orders(SqsClient client, MessageHandler<byte[]> handler) {
        DrainSettings drain = DrainSettings.within(Duration.ofSeconds(25));
        SqsSource source = SqsSource.queue("orders")
                .client(client)
                .drain(drain)
                .receivers(2)
                .visibilityTimeout(Duration.ofSeconds(30))
                .deadLetterQueueOfRedrivePolicy();
        MessageConsumer consumer =
                MessageConsumer.from(source).drain(drain).concurrency(32).handle(handler);
        return consumer;
    }

    static List<SqsSource> deadLetters() {
        SqsSource toQueue = SqsSource.queue("orders").deadLetterQueue("orders-dead");
        SqsSource toPolicy = SqsSource.queue("orders").deadLetterQueueOfRedrivePolicy();
        return List.of(toQueue, toPolicy);
    }

    static SqsClient local() {
        SqsClient client = SqsClient.builder()
                .endpointOverride(URI.create("http://localhost:9324"))
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")))
                .build();
        return client;
    }
}
