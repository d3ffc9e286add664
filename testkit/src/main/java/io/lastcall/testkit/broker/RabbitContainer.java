package io.lastcall.testkit.broker;

import io.lastcall.testkit.broker.BrokerProcess.Command;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * RabbitMQ in a container, started by the {@code docker} command and watched through its attached output. One thread at a time.
 * A container that is alive when this JVM ends is removed by a shutdown hook.
 */
final class RabbitContainer implements RabbitServer {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration PULL = Duration.ofMinutes(5);
    private static final Pattern READY = Pattern.compile("Server startup complete");
    // The plain image holds the management plug-in too, switched off; its entry point then starts the server as usual.
    private static final String START = "rm -f /etc/rabbitmq/conf.d/*disable_metrics_collector.conf"
            + " && rabbitmq-plugins enable --offline rabbitmq_management"
            + " && exec docker-entrypoint.sh rabbitmq-server";
    private static final Set<String> ALIVE = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> ALIVE.forEach(RabbitContainer::remove), "container-remove"));
    }

    private final String name;
    private final URI amqp;
    private final URI management;

    // The attached docker command of the run that was started last. Written by the one caller's thread.
    private BrokerProcess attached;

    private RabbitContainer(String name, URI amqp, URI management, BrokerProcess attached) {
        this.name = name;
        this.amqp = amqp;
        this.management = management;
        this.attached = attached;
    }

    /** Why no container can be had here; empty when one can, after the image was pulled where it was missing. */
    static Optional<String> obstacle(String image) {
        try {
            docker(PATIENCE, "version", "--format", "{{.Server.Version}}");
        } catch (RuntimeException e) {
            return Optional.of("no docker daemon answers");
        }
        try {
            docker(PATIENCE, "image", "inspect", "--format", "{{.Id}}", image);
            return Optional.empty();
        } catch (RuntimeException missing) {
            try {
                docker(PULL, "pull", "--quiet", image);
                return Optional.empty();
            } catch (RuntimeException e) {
                return Optional.of("docker has no image " + image + " and cannot pull it");
            }
        }
    }

    /** @param settings of the application {@code rabbit} */
    static RabbitContainer start(String image, Map<String, Integer> settings) {
        List<Integer> ports = BrokerProcess.freePorts(2);
        String name = "lastcall-rabbit-" + ports.get(0);
        ALIVE.add(name);
        try {
            // The host name is part of the node's name, and so of its data folder: a second start must find the same.
            BrokerProcess attached = BrokerProcess.start(
                    command(
                            "run",
                            "--name",
                            name,
                            "--hostname",
                            "rabbit",
                            "--publish",
                            "127.0.0.1:" + ports.get(0) + ":5672",
                            "--publish",
                            "127.0.0.1:" + ports.get(1) + ":15672",
                            "--env",
                            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=" + erlang(settings),
                            "--entrypoint",
                            "sh",
                            image,
                            "-c",
                            START),
                    PATIENCE);
            return new RabbitContainer(
                    name,
                    URI.create("amqp://guest:guest@127.0.0.1:" + ports.get(0)),
                    URI.create("http://guest:guest@127.0.0.1:" + ports.get(1)),
                    attached);
        } catch (RuntimeException e) {
            remove(name);
            throw e;
        }
    }

    @Override
    public String kind() {
        return "container";
    }

    @Override
    public URI amqp() {
        return amqp;
    }

    @Override
    public URI management() {
        return management;
    }

    @Override
    public CompletionStage<Integer> ended() {
        return attached.ended();
    }

    @Override
    public void kill9() {
        docker(PATIENCE, "kill", name);
        attached.kill9();
    }

    @Override
    public void stop() {
        docker(PATIENCE, "stop", name);
        attached.kill9();
    }

    @Override
    public void startAgain() {
        attached = BrokerProcess.start(command("start", "--attach", name), PATIENCE);
    }

    @Override
    public void suspend() {
        docker(PATIENCE, "pause", name);
    }

    @Override
    public void resume() {
        docker(PATIENCE, "unpause", name);
    }

    @Override
    public void control(String... arguments) {
        List<String> words = new ArrayList<>(List.of("exec", name, "rabbitmqctl"));
        words.addAll(Arrays.asList(arguments));
        docker(PATIENCE, words.toArray(new String[0]));
    }

    private static String erlang(Map<String, Integer> settings) {
        StringBuilder erlang = new StringBuilder("-rabbit quorum_tick_interval 250");
        settings.forEach((name, value) ->
                erlang.append(" -rabbit ").append(name).append(' ').append(value));
        return erlang.toString();
    }

    @Override
    public void close() {
        remove(name);
        attached.kill9();
    }

    private static void remove(String name) {
        if (ALIVE.remove(name)) {
            docker(PATIENCE, "rm", "--force", "--volumes", name);
        }
    }

    private static void docker(Duration atMost, String... arguments) {
        BrokerProcess.runToEnd(command(arguments), atMost);
    }

    private static Command command(String... arguments) {
        List<String> words = new ArrayList<>(List.of("docker"));
        words.addAll(Arrays.asList(arguments));
        return new Command("docker " + arguments[0], words, Map.of(), folder(), READY);
    }

    private static Path folder() {
        Path target = Path.of("target").toAbsolutePath();
        return (Files.isDirectory(target) ? target : Path.of(System.getProperty("java.io.tmpdir")))
                .resolve("brokers")
                .resolve("docker");
    }
}
