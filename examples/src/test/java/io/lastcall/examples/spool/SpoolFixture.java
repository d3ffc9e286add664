package io.lastcall.examples.spool;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lastcall.message.Headers;
import io.lastcall.spi.SourceFactory;
import io.lastcall.testkit.contract.BrokerFixture;
import io.lastcall.testkit.contract.Destination;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Folders below one folder, which is renamed away where the contract wants the broker to be out of reach. */
final class SpoolFixture implements BrokerFixture {

    private final Path home =
            Files.createDirectories(Path.of("target", "spool")).toAbsolutePath();
    private final Path root = Files.createTempDirectory(home, "contract");
    private final Path away = root.resolveSibling(root.getFileName() + ".away");

    SpoolFixture() throws IOException {}

    @Override
    public Destination create(String name) throws IOException {
        return new Folder(root.resolve(name));
    }

    @Override
    public boolean freeRelease() {
        return true;
    }

    @Override
    public Duration comesBackWithin() {
        return Duration.ofSeconds(2);
    }

    @Override
    public void cut() throws IOException {
        Files.move(root, away, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void mend() throws IOException {
        if (Files.exists(away)) {
            Files.move(away, root, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** The JDK's own thread behind a watch service. */
    @Override
    public boolean isClientThread(String threadName) {
        return threadName.startsWith("FileSystemWatch");
    }

    @Override
    public int racingRounds() {
        return 100;
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    private static final class Folder implements Destination {

        private final Path folder;
        private final Spool spool;

        Folder(Path folder) throws IOException {
            this.folder = folder;
            this.spool = Spool.in(folder, Clock.systemUTC());
        }

        @Override
        public void publish(String key, String body) throws IOException {
            publish(key, body.getBytes(UTF_8), Headers.empty());
        }

        @Override
        public void publish(String key, byte[] body, Headers headers) throws IOException {
            spool.publish(key.getBytes(UTF_8), headers, body);
        }

        @Override
        public SourceFactory<?> source() {
            return spool;
        }

        /** With nothing but files: what is ready, and what lies with owners whose lock can be had. */
        @Override
        public List<String> takeAvailable(int expected, Duration atMost) throws Exception {
            List<String> bodies = new ArrayList<>();
            Path ready = folder.resolve("ready");
            try (WatchService events = ready.getFileSystem().newWatchService()) {
                ready.register(events, StandardWatchEventKinds.ENTRY_CREATE);
                try (Stream<Path> owners = Files.list(folder.resolve("taken"))) {
                    for (Path owner : owners.filter(Files::isDirectory).toList()) {
                        takeOfDead(owner, bodies);
                    }
                }
                long end = System.nanoTime() + atMost.toNanos();
                takeAll(ready, bodies);
                while (bodies.size() < expected) {
                    WatchKey key = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                    if (key == null) {
                        break;
                    }
                    key.pollEvents();
                    key.reset();
                    takeAll(ready, bodies);
                }
            }
            return bodies;
        }

        private static void takeOfDead(Path owner, List<String> bodies) throws IOException {
            Path lock = owner.resolveSibling(owner.getFileName() + ".lock");
            try (FileChannel open = FileChannel.open(lock, StandardOpenOption.WRITE);
                    FileLock got = open.tryLock()) {
                if (got != null) {
                    takeAll(owner, bodies);
                }
            }
        }

        private static void takeAll(Path folder, List<String> bodies) throws IOException {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.sorted().toList()) {
                    SpoolName name = SpoolName.of(file).orElseThrow();
                    byte[] body = SpoolMessage.read(name, "taken", Files.readAllBytes(file))
                            .body();
                    bodies.add(new String(body, UTF_8));
                    Files.delete(file);
                }
            }
        }
    }
}
