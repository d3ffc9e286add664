package io.lastcall.examples.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.ConnectionFactory;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.kafka.KafkaSource;
import io.lastcall.message.Outcome;
import io.lastcall.rabbit.RabbitSource;
import io.lastcall.spi.SourceFactory;
import io.lastcall.sqs.SqsSource;
import io.lastcall.testkit.Signals;
import io.lastcall.testkit.broker.KafkaBroker;
import io.lastcall.testkit.broker.RabbitBroker;
import io.lastcall.testkit.broker.SqsBroker;
import io.lastcall.testkit.broker.TcpProxy;
import io.lastcall.testkit.broker.TcpProxy.Way;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Connections stay open and nobody answers any more: neither reset nor end tells the client. One message is being handled then. */
class HalfOpenDrainTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration WITHIN = Duration.ofSeconds(4);
    /** What a drain may take beyond its deadline (H5). */
    private static final Duration SLACK = Duration.ofMillis(250);

    private final Signals signals = new Signals();

    @Test
    void a_drain_from_sqs_ends_by_its_deadline_and_says_what_nobody_knows() throws Exception {
        SqsBroker broker = SqsBroker.shared();
        String queue = broker.newQueue().visibility(Duration.ofMinutes(10)).create();
        broker.client().sendMessage(request -> request.queueUrl(queue).messageBody("one"));
        InetSocketAddress address = new InetSocketAddress(
                broker.endpoint().getHost(), broker.endpoint().getPort());
        try (TcpProxy proxy = TcpProxy.before(address, task -> new Thread(task, "half-open"));
                SqsClient client = broker.newClient()
                        .endpointOverride(
                                URI.create("http://127.0.0.1:" + proxy.address().getPort()))
                        .build()) {
            MessageConsumer consumer =
                    handling(SqsSource.queue(queue).client(client).waitTime(Duration.ofSeconds(1)));
            swallowTheSettlement(proxy);
            judge(consumer);
        }
        assertThat(broker.counts(queue)).as("the delete was swallowed").isEqualTo(new SqsBroker.Counts(0, 1, 0));
    }

    @Test
    void a_drain_from_rabbitmq_ends_by_its_deadline_and_says_what_nobody_knows() throws Exception {
        RabbitBroker broker = RabbitBroker.shared();
        String queue = broker.classicQueue(broker.newName("half-open"));
        broker.publish(queue, List.of("one"));
        ConnectionFactory straight = broker.connectionFactory();
        try (TcpProxy proxy = TcpProxy.before(
                new InetSocketAddress(straight.getHost(), straight.getPort()), task -> new Thread(task, "half-open"))) {
            ConnectionFactory proxied = broker.connectionFactory();
            proxied.setHost("127.0.0.1");
            proxied.setPort(proxy.address().getPort());
            MessageConsumer consumer = handling(RabbitSource.queue(queue).connection(proxied));
            swallowTheSettlement(proxy);
            judge(consumer);
        }
        try (MessageConsumer next = MessageConsumer.from(
                        RabbitSource.queue(queue).connection(straight))
                .dropRejected()
                .handle((message, context) -> {
                    signals.fire("came again");
                    return Outcome.accept();
                })
                .start()) {
            signals.await("came again", PATIENCE); // the acknowledgement was swallowed
        }
        broker.delete(queue);
    }

    @Test
    void a_drain_from_kafka_ends_by_its_deadline_and_says_what_nobody_knows() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start()) {
            String topic = broker.newTopic(1);
            try (var producer = new KafkaProducer<>(
                    Map.<String, Object>of("bootstrap.servers", broker.bootstrap()),
                    new ByteArraySerializer(),
                    new ByteArraySerializer())) {
                producer.send(new ProducerRecord<>(topic, "one".getBytes(UTF_8)))
                        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            MessageConsumer consumer = handling(KafkaSource.topics(topic)
                    .groupId(topic)
                    .properties(Map.of("bootstrap.servers", broker.bootstrap(), "auto.offset.reset", "earliest")));
            broker.suspend(); // a client goes to the address that the broker tells it: no proxy would stay between
            signals.fire("go");
            judge(consumer);
            broker.resume();
        }
    }

    private MessageConsumer handling(SourceFactory<?> source) throws Exception {
        MessageConsumer consumer = MessageConsumer.from(source)
                .name("half-open")
                .dropRejected()
                .handle((message, context) -> {
                    signals.fire("started");
                    signals.await("go", PATIENCE);
                    return Outcome.accept();
                })
                .start();
        signals.await("started", PATIENCE);
        return consumer;
    }

    private void swallowTheSettlement(TcpProxy proxy) throws Exception {
        var bitten = proxy.swallow(Way.TO_TARGET, Way.TO_CLIENT).toCompletableFuture();
        signals.fire("go");
        bitten.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static void judge(MessageConsumer consumer) throws Exception {
        DrainReport report = consumer.beginDrain(
                        DrainRequest.because("half open").within(WITHIN))
                .toCompletableFuture()
                .get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        assertThat(report.phases().total()).as("%s", report.describe()).isLessThanOrEqualTo(WITHIN.plus(SLACK));
        assertThat(report.clean()).as("%s", report.describe()).isFalse();
        assertThat(report.counts().received()).as("%s", report.describe()).isEqualTo(1);
        assertThat(report.counts().accepted()).as("%s", report.describe()).isZero();
        assertThat(report.counts().unconfirmed()).as("%s", report.describe()).isEqualTo(1);
    }
}
