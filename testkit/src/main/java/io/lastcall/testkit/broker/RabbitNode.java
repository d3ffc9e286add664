package io.lastcall.testkit.broker;

import io.lastcall.testkit.broker.BrokerProcess.Command;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The system's own RabbitMQ, or that of another system in a folder, started by hand: its folder, node name, ports and port mapper are
 * nobody else's, so that several can run at once. One thread at a time.
 */
final class RabbitNode implements RabbitServer {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    // Debian's /usr/sbin/rabbitmq-server is a wrapper that changes the user and forgets the environment.
    private static final Path DEBIAN = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");

    private final URI amqp;
    private final URI management;
    private final Path folder;
    private final Command control;
    private final BrokerProcess portMapper;
    private final BrokerProcess server;

    private RabbitNode(
            URI amqp, URI management, Path folder, Command control, BrokerProcess portMapper, BrokerProcess server) {
        this.amqp = amqp;
        this.management = management;
        this.folder = folder;
        this.control = control;
        this.portMapper = portMapper;
        this.server = server;
    }

    /**
     * Where the programs are.
     *
     * @param root the folder of another system, into which root is changed; null for this one
     * @param server the start script, as it is called there
     */
    record Place(@Nullable Path root, Path server) {

        List<String> words(String... command) {
            List<String> words = new ArrayList<>();
            if (root != null) {
                words.addAll(List.of("chroot", root.toString()));
            }
            words.addAll(List.of(command));
            return words;
        }

        String control() {
            return server.resolveSibling("rabbitmqctl").toString();
        }

        Path freshFolder(String prefix) throws IOException {
            return root == null ? BrokerFolder.fresh(prefix) : Files.createTempDirectory(root.resolve("tmp"), prefix);
        }

        /** How a path is called by the programs. */
        String named(Path path) {
            return root == null ? path.toString() : "/" + root.relativize(path);
        }
    }

    /** The programs of this machine, empty where it has none. */
    static Optional<Place> place() {
        Optional<Path> program = Files.isExecutable(DEBIAN)
                ? Optional.of(DEBIAN)
                : onPath("rabbitmq-server").filter(it -> !isWrapper(it));
        return program.map(it -> new Place(null, it));
    }

    /** The programs of a Debian system in a folder. */
    static Place placeIn(Path root) {
        Path program = root.resolve(DEBIAN.toString().substring(1));
        if (!Files.exists(program)) {
            throw new IllegalStateException("no RabbitMQ: there is no " + program);
        }
        return new Place(root.toAbsolutePath(), DEBIAN);
    }

    /** @param settings of the application {@code rabbit} */
    static RabbitNode start(Place place, Map<String, Integer> settings) {
        List<Integer> ports = BrokerProcess.freePorts(4);
        int port = ports.get(0);
        int http = ports.get(1);
        int distribution = ports.get(2);
        int mapper = ports.get(3);
        Path folder;
        try {
            folder = place.freshFolder("rabbit-" + port + "-");
            Files.writeString(folder.resolve("rabbitmq.conf"), configuration(port, http));
            Files.writeString(folder.resolve("enabled_plugins"), "[rabbitmq_management].\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> environment = environment(place, folder, port, distribution, mapper, settings);
        // In the foreground: a mapper that Erlang starts itself would outlive the server.
        BrokerProcess portMapper = BrokerProcess.start(
                new Command(
                        "epmd",
                        place.words("epmd", "-d", "-port", Integer.toString(mapper), "-address", "127.0.0.1"),
                        Map.of(),
                        folder.resolve("epmd"),
                        Pattern.compile("epmd running")),
                PATIENCE);
        try {
            BrokerProcess server = BrokerProcess.start(
                    new Command(
                            "rabbitmq",
                            place.words(place.server().toString()),
                            environment,
                            folder,
                            Pattern.compile("Server startup complete")),
                    PATIENCE);
            return new RabbitNode(
                    URI.create("amqp://guest:guest@127.0.0.1:" + port),
                    URI.create("http://guest:guest@127.0.0.1:" + http),
                    folder,
                    new Command(
                            "rabbitmqctl",
                            place.words(place.control()),
                            environment,
                            folder.resolve("control"),
                            Pattern.compile("")),
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
    public CompletionStage<Integer> ended() {
        return server.ended();
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

    @Override
    public void control(String... arguments) {
        List<String> words = new ArrayList<>(control.words());
        words.addAll(List.of(arguments));
        BrokerProcess.runToEnd(
                new Command(control.name(), words, control.environment(), control.folder(), control.ready()), PATIENCE);
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

    private static Map<String, String> environment(
            Place place, Path folder, int port, int distribution, int mapper, Map<String, Integer> settings) {
        // Counts of quorum queues are fresh after one tick; the default is five seconds.
        StringBuilder erlang = new StringBuilder("-rabbit quorum_tick_interval 250");
        settings.forEach((name, value) ->
                erlang.append(" -rabbit ").append(name).append(' ').append(value));
        return Map.ofEntries(
                Map.entry("HOME", place.named(folder)),
                Map.entry("RABBITMQ_NODENAME", "lastcall-" + port + "@localhost"),
                Map.entry("RABBITMQ_DIST_PORT", Integer.toString(distribution)),
                Map.entry("RABBITMQ_MNESIA_BASE", place.named(folder.resolve("data"))),
                Map.entry("RABBITMQ_LOG_BASE", place.named(folder.resolve("log"))),
                Map.entry("RABBITMQ_CONFIG_FILE", place.named(folder.resolve("rabbitmq.conf"))),
                Map.entry("RABBITMQ_CONF_ENV_FILE", "/dev/null"),
                Map.entry("RABBITMQ_ENABLED_PLUGINS_FILE", place.named(folder.resolve("enabled_plugins"))),
                Map.entry("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", erlang.toString()),
                Map.entry("ERL_EPMD_PORT", Integer.toString(mapper)),
                Map.entry("ERL_EPMD_ADDRESS", "127.0.0.1"),
                // The start script then becomes the server instead of waiting for it, and a signal meets the right
                // process.
                Map.entry("RUNNING_UNDER_SYSTEMD", "true"));
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
