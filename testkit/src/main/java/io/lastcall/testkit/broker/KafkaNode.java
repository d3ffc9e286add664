package io.lastcall.testkit.broker;

import io.lastcall.testkit.broker.BrokerProcess.Command;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One KRaft node, broker and controller at once, in a JVM of its own: its folder, its settings and its process. One thread at a
 * time.
 */
final class KafkaNode {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CLUSTER = "bGFzdGNhbGwtdGVzdGtpdA";
    private static final String LOGBACK = """
            <configuration>
              <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%d{HH:mm:ss.SSS} %-5level %logger{0} %msg%n</pattern></encoder>
              </appender>
              <root level="INFO"><appender-ref ref="out"/></root>
            </configuration>
            """;

    private final String bootstrap;
    private final String controller;
    private final Path folder;
    private final BrokerProcess process;

    private KafkaNode(String bootstrap, String controller, Path folder, BrokerProcess process) {
        this.bootstrap = bootstrap;
        this.controller = controller;
        this.folder = folder;
        this.process = process;
    }

    /** The only one, or the first of several: broker and controller. */
    static KafkaNode start(Map<String, String> settings) {
        List<Integer> ports = BrokerProcess.freePorts(2);
        String client = "127.0.0.1:" + ports.get(0);
        String controller = "127.0.0.1:" + ports.get(1);
        Map<String, String> all = new HashMap<>(Map.of(
                "process.roles",
                "broker,controller",
                "node.id",
                "1",
                "listeners",
                "PLAINTEXT://" + client + ",CONTROLLER://" + controller,
                "advertised.listeners",
                "PLAINTEXT://" + client + ",CONTROLLER://" + controller));
        all.putAll(settings);
        return start(client, controller, all, "--standalone");
    }

    /** One more broker beside this one, which stays the controller. */
    KafkaNode join(int id) {
        String client = "127.0.0.1:" + BrokerProcess.freePort();
        return start(
                client,
                controller,
                Map.of(
                        "process.roles",
                        "broker",
                        "node.id",
                        Integer.toString(id),
                        "listeners",
                        "PLAINTEXT://" + client,
                        "advertised.listeners",
                        "PLAINTEXT://" + client));
    }

    private static KafkaNode start(
            String client, String controller, Map<String, String> settings, String... formatting) {
        try {
            Path folder = BrokerFolder.fresh("kafka-" + client.substring(client.indexOf(':') + 1) + "-");
            Files.writeString(folder.resolve("logback.xml"), LOGBACK);
            Files.writeString(folder.resolve("server.properties"), properties(controller, folder, settings));
            List<String> format = new ArrayList<>(List.of(
                    "kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER, "--config", "server.properties"));
            format.addAll(List.of(formatting));
            BrokerProcess.runToEnd(command(folder, format.toArray(String[]::new)), PATIENCE);
            Command server = command(folder, "kafka.Kafka", "server.properties");
            return new KafkaNode(client, controller, folder, BrokerProcess.start(server, PATIENCE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String bootstrap() {
        return bootstrap;
    }

    Path folder() {
        return folder;
    }

    BrokerProcess process() {
        return process;
    }

    void startAgain() {
        process.start(PATIENCE);
    }

    void stop() {
        process.stop(PATIENCE);
    }

    /** Kills it and deletes its data. */
    void close() {
        process.kill9();
        try {
            BrokerFolder.discard(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String properties(String controller, Path folder, Map<String, String> more) {
        Map<String, String> all = new HashMap<>();
        all.put("controller.listener.names", "CONTROLLER");
        all.put("controller.quorum.bootstrap.servers", controller);
        all.put("log.dirs", folder.resolve("data").toString());
        all.put("auto.create.topics.enable", "false");
        // One node cannot replicate.
        all.put("offsets.topic.replication.factor", "1");
        all.put("transaction.state.log.replication.factor", "1");
        all.put("transaction.state.log.min.isr", "1");
        all.put("share.coordinator.state.topic.replication.factor", "1");
        all.put("share.coordinator.state.topic.min.isr", "1");
        // Few internal partitions start sooner; the cleaner's default buffer does not fit a small heap.
        all.put("offsets.topic.num.partitions", "4");
        all.put("transaction.state.log.num.partitions", "4");
        all.put("share.coordinator.state.topic.num.partitions", "4");
        all.put("log.cleaner.dedupe.buffer.size", "4194304");
        // Quick rebalances, quick return after a kill.
        all.put("group.initial.rebalance.delay.ms", "0");
        all.put("group.min.session.timeout.ms", "500");
        all.put("group.consumer.min.heartbeat.interval.ms", "100");
        all.put("group.consumer.heartbeat.interval.ms", "200");
        all.put("group.consumer.min.session.timeout.ms", "500");
        all.put("group.consumer.session.timeout.ms", "6000");
        all.put("broker.heartbeat.interval.ms", "300");
        all.put("broker.session.timeout.ms", "3000");
        all.putAll(more);
        return all.entrySet().stream()
                .map(setting -> setting.getKey() + "=" + setting.getValue() + "\n")
                .sorted()
                .collect(Collectors.joining());
    }

    private static Command command(Path folder, String... mainAndArguments) {
        // Jars only: a module's own classes and logging configuration have no business in the broker.
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar"))
                .collect(Collectors.joining(File.pathSeparator));
        if (!classPath.contains("kafka_2.13-")) {
            throw new IllegalStateException(
                    "kafka_2.13 is not on the class path: add it in scope test, or name a broker in "
                            + KafkaBroker.ADDRESS);
        }
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dlogback.configurationFile=" + folder.resolve("logback.xml").toAbsolutePath(),
                "-cp",
                classPath));
        words.addAll(List.of(mainAndArguments));
        return new Command("kafka", words, Map.of(), folder, Pattern.compile("Kafka Server started"));
    }
}
