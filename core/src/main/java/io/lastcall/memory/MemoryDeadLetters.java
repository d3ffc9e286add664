package io.lastcall.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.message.DeadLetter;
import io.lastcall.spi.DeadLetterSink;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Dead letters kept in this process: the newest ones, up to a bound; older ones make room and are counted. A queue has one, and any
 * consumer may be given one as its sink. Safe for any thread.
 */
public final class MemoryDeadLetters implements DeadLetterSink {

    private static final Logger log = LoggerFactory.getLogger(MemoryDeadLetters.class);

    private final int bound;

    @GuardedBy("this")
    private final ArrayDeque<DeadLetter> letters = new ArrayDeque<>();

    @GuardedBy("this")
    private long evicted;

    /**
     * An empty keep.
     *
     * @param bound how many letters are kept; zero keeps none and only counts
     */
    public MemoryDeadLetters(int bound) {
        if (bound < 0) {
            throw new IllegalArgumentException("deadLetters = " + bound + ", must be at least 0");
        }
        this.bound = bound;
    }

    @Override
    public CompletionStage<Void> write(DeadLetter letter) {
        keep(letter);
        return CompletableFuture.completedFuture(null);
    }

    void keep(DeadLetter letter) {
        boolean first;
        synchronized (this) {
            letters.addLast(letter);
            first = letters.size() > bound && evicted == 0;
            if (letters.size() > bound) {
                letters.removeFirst();
                evicted++;
            }
        }
        if (first) {
            log.warn("consumer={} deadLetters={} full, older ones make room from now on", letter.consumer(), bound);
        }
    }

    /**
     * What is kept now.
     *
     * @return the letters, oldest first; a copy
     */
    public synchronized List<DeadLetter> letters() {
        return List.copyOf(letters);
    }

    /**
     * How many letters had to make room for newer ones.
     *
     * @return the number since this was made
     */
    public synchronized long evicted() {
        return evicted;
    }

    /**
     * Takes all that is kept, to be handled elsewhere.
     *
     * @return the letters, oldest first
     */
    public synchronized List<DeadLetter> takeAll() {
        List<DeadLetter> all = List.copyOf(letters);
        letters.clear();
        return all;
    }
}
