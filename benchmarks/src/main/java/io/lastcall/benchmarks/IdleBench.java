package io.lastcall.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.lastcall.MessageConsumer;
import io.lastcall.kafka.KafkaSource;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What an idle consumer costs beside the bare client that polls: CPU of this whole process, one after the other. */
final class IdleBench {

    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final Duration MEASURED = Duration.ofSeconds(60);
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private IdleBench() {}

    static Map<String, Number> measure() throws InterruptedException {
        try (KafkaBroker broker = KafkaBroker.start()) {
            String topic = broker.newTopic(8);
            // Before and after, since a JVM that has run a while is quicker.
            double before = bare(broker, topic);
            double ours = ours(broker, topic);
            double bare = (before + bare(broker, topic)) / 2;
            Map<String, Number> figures = new LinkedHashMap<>();
            figures.put("seconds", MEASURED.toSeconds());
            figures.put("bareCpuMillis", bare);
            figures.put("lastcallCpuMillis", ours);
            figures.put("overMillis", ours - bare);
            return figures;
        }
    }

    private static double bare(KafkaBroker broker, String topic) {
        try (KafkaConsumer<byte[], byte[]> client = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        broker.bootstrap(),
                        "group.id",
                        "bare",
                        "fetch.max.wait.ms",
                        75, // as ours
                        "enable.auto.commit",
                        "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            client.subscribe(List.of(topic));
            poll(client, WARM_UP);
            long before = SYSTEM.getProcessCpuTime();
            poll(client, MEASURED);
            return (SYSTEM.getProcessCpuTime() - before) / 1e6;
        }
    }

    private static void poll(KafkaConsumer<byte[], byte[]> client, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            var records = client.poll(
                    Duration.ofNanos(Math.min(left, Duration.ofMillis(500).toNanos())));
            if (!records.isEmpty()) {
                throw new IllegalStateException("the topic should be empty, got " + records.count());
            }
        }
    }

    private static double ours(KafkaBroker broker, String topic) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        try (MessageConsumer consumer = MessageConsumer.from(KafkaSource.topics(topic)
                        .properties(Map.of("bootstrap.servers", broker.bootstrap()))
                        .groupId("ours"))
                .name("idle")
                .dropRejected()
                .handle((message, context) -> Outcome.accept())) {
            consumer.start();
            pass(never, WARM_UP);
            long before = SYSTEM.getProcessCpuTime();
            pass(never, MEASURED);
            return (SYSTEM.getProcessCpuTime() - before) / 1e6;
        }
    }

    private static void pass(CountDownLatch never, Duration time) throws InterruptedException {
        if (never.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new AssertionError("nobody opens this");
        }
    }
}
