package io.lastcall.benchmarks.broker;

import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.benchmarks.broker.MadeBody.Strand;
import io.lastcall.kafka.KafkaSource;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.BrokerProcess;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * A member in a JVM of its own that does nothing with its records, at full speed, and is killed (SIGKILL) in the middle. Each handling is
 * written to memory that it shares with this process by a file, and so outlives it. Stateless.
 */
final class KilledMember {

    /** How many records it may hold: what a consumer holds by default. */
    static final int IN_FLIGHT = 10_000;

    private static final String MIDDLE = "the member is in the middle";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private KilledMember() {}

    /**
     * What a kill did.
     *
     * @param before how many records had been handled
     * @param repeated how many of them another member handled again
     * @param lost how many nobody handled
     */
    record Damage(long before, long repeated, long lost) {}

    /** Starts one, kills it some way through, each round elsewhere, and lets this process take what is left. */
    static Damage at(KafkaStock stock, int round) throws IOException {
        Path folder = Files.createTempDirectory("lastcall-killed-");
        Path file = folder.resolve("handled");
        MappedByteBuffer handled = map(file, stock.records());
        String group = stock.newGroup();
        int middle = stock.records() * (3 + round % 5) / 10;
        BrokerProcess.Command command = new BrokerProcess.Command(
                "killed-member",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        KilledMember.class.getName(),
                        stock.broker().bootstrap(),
                        stock.topic(),
                        group,
                        file.toString(),
                        Integer.toString(stock.records()),
                        Integer.toString(middle)),
                Map.of("CLASSPATH", System.getProperty("java.class.path")),
                folder,
                Pattern.compile(MIDDLE, Pattern.LITERAL));
        try (BrokerProcess member = BrokerProcess.start(command, PATIENCE)) {
            member.kill9();
        }
        long before = count(handled, stock.records());
        AtomicInteger repeated = new AtomicInteger();
        boolean read = KafkaRest.take(stock, group, body -> {
            int id = Strand.MESSAGE.number(body);
            if (handled.get(id) != 0) {
                repeated.incrementAndGet();
            }
            handled.put(id, (byte) 1);
        });
        if (!read) {
            throw new IllegalStateException("the rest of " + stock.topic() + " could not be read");
        }
        long lost = stock.records() - count(handled, stock.records());
        for (Path each : List.of(file, folder.resolve("output.log"), folder)) {
            Files.deleteIfExists(each);
        }
        return new Damage(before, repeated.get(), lost);
    }

    private static long count(MappedByteBuffer handled, int records) {
        long count = 0;
        for (int id = 0; id < records; id++) {
            count += handled.get(id);
        }
        return count;
    }

    private static MappedByteBuffer map(Path file, int records) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, records);
        }
    }

    /** The member: bootstrap, topic, group, file, records, and after how many it tells that it is in the middle. */
    public static void main(String... words) throws Exception {
        MappedByteBuffer handled = map(Path.of(words[3]), Integer.parseInt(words[4]));
        CountDownLatch middle = new CountDownLatch(1);
        int enough = Integer.parseInt(words[5]);
        AtomicInteger count = new AtomicInteger();
        MessageConsumer consumer = MessageConsumer.from(KafkaSource.topics(words[1])
                        .groupId(words[2])
                        .properties(Map.of(
                                "bootstrap.servers", words[0],
                                "auto.offset.reset", "earliest",
                                // The group soon gives it up.
                                "session.timeout.ms", "1000",
                                "heartbeat.interval.ms", "250")))
                .name("killed")
                .concurrency(KafkaStock.PARTITIONS)
                .limit(IN_FLIGHT)
                .ordering(Ordering.byKey())
                .dropRejected()
                .handle((message, context) -> {
                    handled.put(Strand.MESSAGE.number(Objects.requireNonNull(message.body(), "body")), (byte) 1);
                    if (count.incrementAndGet() == enough) {
                        middle.countDown();
                    }
                    return Outcome.accept();
                })
                .start();
        middle.await();
        System.out.println(MIDDLE);
        System.out.flush();
        consumer.ended().toCompletableFuture().join();
    }
}
