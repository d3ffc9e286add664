package io.lastcall.examples.spool;

import io.lastcall.message.Headers;
import io.lastcall.spi.Capability;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder as a queue for processes of one machine: each message is a file, and what happens to it is a rename, which the file system
 * does whole or not at all. Safe for any thread and for any number of processes.
 *
 * <ul>
 *   <li>{@code incoming}: being written.
 *   <li>{@code ready}: to be handed out, in the order of their names.
 *   <li>{@code taken/<owner>}: claimed by a consumer, which holds a lock on {@code taken/<owner>.lock} as long as it lives.
 *   <li>{@code dead}: rejected.
 * </ul>
 */
public final class Spool implements SourceFactory<SpoolName> {

    final Path ready;
    final Path taken;
    final Path dead;
    private final Path folder;
    private final Path incoming;
    private final Clock clock;
    private final AtomicLong lastNanos = new AtomicLong();

    private Spool(Path folder, Clock clock) {
        this.folder = folder;
        this.clock = clock;
        this.incoming = folder.resolve("incoming");
        this.ready = folder.resolve("ready");
        this.taken = folder.resolve("taken");
        this.dead = folder.resolve("dead");
    }

    /**
     * Opens a folder, and makes it where it is missing.
     *
     * @param folder on a local disk; locks of network file systems are not to be relied on
     * @param clock gives messages their time and their order
     * @return the queue
     * @throws IOException when the folder cannot be made
     */
    public static Spool in(Path folder, Clock clock) throws IOException {
        Spool spool = new Spool(folder.toAbsolutePath(), clock);
        for (Path each : List.of(spool.incoming, spool.ready, spool.taken, spool.dead)) {
            Files.createDirectories(each);
        }
        return spool;
    }

    /**
     * Publishes a message; when this returns it is on the disk.
     *
     * @param key what consumers may order by, or null
     * @param headers the headers
     * @param body the body
     * @throws IOException when it could not be written; it may be there all the same
     */
    public void publish(byte @Nullable [] key, Headers headers, byte[] body) throws IOException {
        Instant now = clock.instant();
        long nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
        SpoolName name = SpoolName.first(
                lastNanos.accumulateAndGet(nanos, (last, next) -> Math.max(last + 1, next)),
                UUID.randomUUID().toString());
        try (FileChannel file =
                FileChannel.open(name.in(incoming), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(SpoolMessage.write(key, headers, body));
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            file.force(true);
        }
        move(name.in(incoming), name.in(ready));
        try (FileChannel names = FileChannel.open(ready, StandardOpenOption.READ)) {
            names.force(true);
        }
    }

    /** The names in one of the folders, sorted. */
    static List<SpoolName> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().map(SpoolName::of).flatMap(Optional::stream).toList();
        } catch (UncheckedIOException e) {
            throw new IOException(e);
        }
    }

    static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public String name() {
        return "spool:" + folder.getFileName();
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.REDELIVERY, Capability.ATTEMPT_COUNT, Capability.DEAD_LETTER);
    }

    @Override
    public Source<SpoolName> open() {
        return new SpoolSource(this);
    }

    @Override
    public String toString() {
        return folder.toString();
    }
}
