package io.lastcall.examples.spool;

import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Settlement;
import java.io.EOFException;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one consumer has claimed: a folder of its own, and the lock that says it lives. For one thread at a time. */
final class SpoolClaims implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SpoolClaims.class);

    /**
     * The folders of this process's consumers, guarded by itself. Their lock files must not even be opened here: closing any channel of
     * a file gives up all locks that the process has on it.
     */
    private static final Set<Path> OURS = new HashSet<>();

    private final Spool spool;
    private final Path own;
    private final FileChannel lock;
    /** Claimed, and at nobody's: what could not be read, and what could not be settled. */
    private final Deque<SpoolName> stray = new ArrayDeque<>();

    private final Deque<SpoolName> known = new ArrayDeque<>();

    private SpoolClaims(Spool spool, Path own, FileChannel lock) {
        this.spool = spool;
        this.own = own;
        this.lock = lock;
    }

    /** Makes a folder under a lock, and gives back what the dead have left. */
    static SpoolClaims open(Spool spool) throws IOException {
        Path own = spool.taken.resolve(UUID.randomUUID().toString());
        synchronized (OURS) {
            OURS.add(own);
            try {
                // The lock first: a folder whose lock can be had is taken for a dead consumer's.
                FileChannel lock = FileChannel.open(lockOf(own), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                if (lock.tryLock() == null) {
                    throw new IOException(lockOf(own) + " is locked by somebody else");
                }
                Files.createDirectory(own);
                recover(spool);
                return new SpoolClaims(spool, own, lock);
            } catch (IOException e) {
                OURS.remove(own);
                throw e;
            }
        }
    }

    private static Path lockOf(Path owner) {
        return owner.resolveSibling(owner.getFileName() + ".lock");
    }

    /** A lock that can be had is a dead consumer's. What it had claimed may have killed it: that counts as an attempt. */
    private static void recover(Spool spool) throws IOException {
        List<Path> owners;
        try (Stream<Path> all = Files.list(spool.taken)) {
            owners = all.filter(Files::isDirectory)
                    .filter(it -> !OURS.contains(it))
                    .toList();
        }
        for (Path owner : owners) {
            try (FileChannel lock = FileChannel.open(lockOf(owner), StandardOpenOption.WRITE);
                    FileLock got = lock.tryLock()) {
                if (got != null) {
                    List<SpoolName> left = Spool.list(owner);
                    for (SpoolName name : left) {
                        Spool.move(name.in(owner), name.nextAttempt().in(spool.ready));
                    }
                    remove(owner);
                    log.info("spool={} owner={} died, gave_back={}", spool, owner.getFileName(), left.size());
                }
            } catch (NoSuchFileException | OverlappingFileLockException e) {
                log.debug("spool={} owner={} is recovered by somebody else", spool, owner.getFileName());
            }
        }
    }

    private static void remove(Path owner) throws IOException {
        Files.delete(owner);
        Files.delete(lockOf(owner));
    }

    /** Claims up to so many, in order. A rename that finds nothing was another consumer's. */
    List<Delivery<SpoolName>> take(int room) throws IOException {
        if (known.isEmpty()) {
            known.addAll(Spool.list(spool.ready));
        }
        while (stray.size() < room && !known.isEmpty()) {
            SpoolName name = known.remove();
            try {
                Spool.move(name.in(spool.ready), name.in(own));
                stray.add(name);
            } catch (NoSuchFileException e) {
                log.debug("spool={} file={} was taken by another", spool, name);
            }
        }
        return read(room);
    }

    private List<Delivery<SpoolName>> read(int room) throws IOException {
        List<Delivery<SpoolName>> batch = new ArrayList<>();
        while (batch.size() < room && !stray.isEmpty()) {
            SpoolName name = stray.element();
            try {
                batch.add(new Delivery<>(
                        SpoolMessage.read(name, spool.toString(), Files.readAllBytes(name.in(own))), name));
            } catch (EOFException | StreamCorruptedException e) {
                log.warn("spool={} file={} is no message, it is with the dead now", spool, name, e);
                Spool.move(name.in(own), name.in(spool.dead));
            } catch (IOException e) {
                if (isReachable()) {
                    log.warn("spool={} file={} cannot be read and is passed over", spool, name, e);
                } else if (batch.isEmpty()) {
                    throw e;
                } else {
                    return batch;
                }
            }
            stray.remove();
        }
        return batch;
    }

    /** Does to the file what was decided about the message. */
    void settle(Settlement<SpoolName> settlement) throws IOException {
        SpoolName name = settlement.delivery().receipt();
        Outcome outcome = settlement.outcome();
        if (outcome instanceof Outcome.Accept || settlement.isLetterWritten()) {
            Files.delete(name.in(own));
        } else if (outcome instanceof Outcome.Reject) {
            Spool.move(name.in(own), name.in(spool.dead));
        } else if (outcome instanceof Outcome.Retry) {
            Spool.move(name.in(own), name.nextAttempt().in(spool.ready));
        } else {
            Spool.move(name.in(own), name.in(spool.ready));
        }
    }

    /** Why it could not be settled. Where nobody knows, the file may still be here: it is handed out once more. */
    Failure unsettled(SpoolName name, IOException cause) {
        if (isReachable() && Files.notExists(name.in(own))) {
            return Failure.refused("the file is no longer ours", cause);
        }
        stray.add(name);
        return Failure.unknown("the folder is out of reach", cause);
    }

    private boolean isReachable() {
        return Files.isDirectory(own);
    }

    /** Gives back what nobody would take. What fails here is given back by the close. */
    void giveBack(List<Delivery<SpoolName>> refused) {
        for (Delivery<SpoolName> delivery : refused) {
            SpoolName name = delivery.receipt();
            try {
                Spool.move(name.in(own), name.in(spool.ready));
            } catch (IOException e) {
                log.warn("spool={} file={} could not be given back", spool, name, e);
            }
        }
    }

    /** Gives back all that is still here. What cannot be given back is found by the next consumer, as a dead one's. */
    @Override
    public void close() throws IOException {
        try {
            for (SpoolName name : Spool.list(own)) {
                Spool.move(name.in(own), name.in(spool.ready));
            }
            remove(own);
        } finally {
            synchronized (OURS) {
                OURS.remove(own);
                lock.close();
            }
        }
    }
}
