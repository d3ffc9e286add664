package io.lastcall.testkit.broker;

import io.lastcall.testkit.broker.BrokerProcess.Command;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The system's own RabbitMQ, started by hand: its folder, node name, ports and port mapper are nobody else's, so that several can
 * run at once. One thread at a time.
 */
final class RabbitNode implements RabbitServer {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    // Debian's /usr/sbin/rabbitmq-server is a wrapper that changes the user and forgets the environment.
    private static final Path DEBIAN = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");

    private final URI amqp;
    private final URI management;
    private final Path folder;
    private final BrokerProcess portMapper;
    private final BrokerProcess server;

    private RabbitNode(URI amqp, URI management, Path folder, BrokerProcess portMapper, BrokerProcess server) {
        this.amqp = amqp;
        this.management = management;
        this.folder = folder;
        this.portMapper = portMapper;
        this.server = server;
    }

    /** The program to start, empty where this machine has none. */
    static Optional<Path> program() {
        if (Files.isExecutable(DEBIAN)) {
            return Optional.of(DEBIAN);
        }
        return onPath("rabbitmq-server").filter(it -> !isWrapper(it));
    }

    static RabbitNode start(Path program) {
        List<Integer> ports = BrokerProcess.freePorts(4);
        int port = ports.get(0);
        int http = ports.get(1);
        int distribution = ports.get(2);
        int mapper = ports.get(3);
        Path folder;
        try {
            folder = BrokerFolder.fresh("rabbit-" + port + "-");
            Files.writeString(folder.resolve("rabbitmq.conf"), configuration(port, http));
            Files.writeString(folder.resolve("enabled_plugins"), "[rabbitmq_management].\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // In the foreground: a mapper that Erlang starts itself would outlive the server.
        BrokerProcess portMapper = BrokerProcess.start(
                new Command(
                        "epmd",
                        List.of("epmd", "-d", "-port", Integer.toString(mapper), "-address", "127.0.0.1"),
                        Map.of(),
                        folder.resolve("epmd"),
                        Pattern.compile("epmd running")),
                PATIENCE);
        try {
            BrokerProcess server = BrokerProcess.start(command(program, folder, port, distribution, mapper), PATIENCE);
            return new RabbitNode(
                    URI.create("amqp://guest:guest@127.0.0.1:" + port),
                    URI.create("http://guest:guest@127.0.0.1:" + http),
                    folder,
                    portMapper,
                    server);
        } catch (RuntimeException e) {
            portMapper.kill9();
            throw e;
        }
    }

    @Override
    public String kind() {
        return "process";
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
    public void kill9() {
        server.kill9();
    }

    @Override
    public void stop() {
        server.stop(PATIENCE);
    }

    @Override
    public void startAgain() {
        server.start(PATIENCE);
    }

    @Override
    public void suspend() {
        server.suspend();
    }

    @Override
    public void resume() {
        server.resume();
    }

    /** Kills it and deletes its data; what it printed stays. */
    @Override
    public void close() {
        server.kill9();
        portMapper.kill9();
        try {
            BrokerFolder.discard(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String configuration(int port, int http) {
        return """
                listeners.tcp.1 = 127.0.0.1:%d
                management.tcp.ip = 127.0.0.1
                management.tcp.port = %d
                log.console = true
                log.console.level = info
                log.file = false
                """.formatted(port, http);
    }

    private static Command command(Path program, Path folder, int port, int distribution, int mapper) {
        Map<String, String> environment = Map.ofEntries(
                Map.entry("HOME", folder.toString()),
                Map.entry("RABBITMQ_NODENAME", "lastcall-" + port + "@localhost"),
                Map.entry("RABBITMQ_DIST_PORT", Integer.toString(distribution)),
                Map.entry("RABBITMQ_MNESIA_BASE", folder.resolve("data").toString()),
                Map.entry("RABBITMQ_LOG_BASE", folder.resolve("log").toString()),
                Map.entry(
                        "RABBITMQ_CONFIG_FILE", folder.resolve("rabbitmq.conf").toString()),
                Map.entry("RABBITMQ_CONF_ENV_FILE", "/dev/null"),
                Map.entry(
                        "RABBITMQ_ENABLED_PLUGINS_FILE",
                        folder.resolve("enabled_plugins").toString()),
                // Counts of quorum queues are fresh after one tick; the default is five seconds.
                Map.entry("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-rabbit quorum_tick_interval 250"),
                Map.entry("ERL_EPMD_PORT", Integer.toString(mapper)),
                Map.entry("ERL_EPMD_ADDRESS", "127.0.0.1"),
                // The start script then becomes the server instead of waiting for it, and a signal meets the right
                // process.
                Map.entry("RUNNING_UNDER_SYSTEMD", "true"));
        return new Command(
                "rabbitmq",
                List.of(program.toString()),
                environment,
                folder,
                Pattern.compile("Server startup complete"));
    }

    private static Optional<Path> onPath(String name) {
        String path = System.getenv("PATH");
        return Stream.of((path == null ? "" : path).split(File.pathSeparator))
                .filter(it -> !it.isEmpty())
                .map(it -> Path.of(it, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static boolean isWrapper(Path program) {
        try {
            return program.toRealPath().endsWith("rabbitmq-script-wrapper");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
