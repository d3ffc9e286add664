package io.lastcall.benchmarks.broker;

import io.lastcall.benchmarks.broker.MadeBody.Strand;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Sees every handling of a run: whether each message came, once and in its place, and when the first and the last did. Safe for any
 * thread. Handlings of one strand must not overlap; where they do, they are likely to be seen as violations.
 */
final class Witness {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Strand strand;
    private final int messages;
    private final int[] sizes;
    private final AtomicIntegerArray next;
    private final AtomicIntegerArray handled;
    private final LongAdder violations = new LongAdder();
    private final CountDownLatch strandsLeft;
    private final AtomicReference<@Nullable Reading> first = new AtomicReference<>();
    private final AtomicReference<@Nullable Reading> last = new AtomicReference<>();

    /**
     * Has seen nothing.
     *
     * @param strand what must come in order
     * @param sizes how many messages each strand has
     */
    Witness(Strand strand, int[] sizes) {
        this.strand = strand;
        this.sizes = sizes.clone();
        int sum = 0;
        int strands = 0;
        for (int size : sizes) {
            sum += size;
            strands += size > 0 ? 1 : 0;
        }
        this.messages = sum;
        this.strandsLeft = new CountDownLatch(strands);
        this.next = new AtomicIntegerArray(sizes.length);
        this.handled = new AtomicIntegerArray(sizes.length);
    }

    /** In the handling of a message. */
    void saw(byte[] body) {
        saw(strand.number(body), strand.place(body));
    }

    /** The same with a body of another kind. */
    void saw(int number, int place) {
        if (place == 0 && first.getPlain() == null) {
            first.compareAndSet(null, Reading.now());
        }
        int expected = next.getAcquire(number);
        if (place == expected) {
            next.setRelease(number, place + 1);
        } else {
            violations.increment();
            next.setRelease(number, Math.max(expected, place + 1));
        }
        int count = handled.getAcquire(number) + 1;
        handled.setRelease(number, count);
        if (count == sizes[number]) {
            if (strandsLeft.getCount() == 1) {
                last.set(Reading.now());
            }
            strandsLeft.countDown();
        }
    }

    /** Whether all were handled; asked once in a while by loops. */
    boolean sawAll() {
        return strandsLeft.getCount() == 0;
    }

    void awaitAll() throws InterruptedException {
        if (!strandsLeft.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException("of " + messages + " messages " + handled() + " were handled within "
                    + PATIENCE + ", and " + strandsLeft.getCount() + " strands miss some");
        }
    }

    /** From the first handling to the last. */
    Sample sample(long unsettled) {
        return new Sample(
                messages,
                Objects.requireNonNull(first.get(), "no first"),
                Objects.requireNonNull(last.get(), "no last"),
                tally(unsettled));
    }

    Sample.Tally tally(long unsettled) {
        return new Sample.Tally(handled(), violations.sum(), unsettled);
    }

    private long handled() {
        long sum = 0;
        for (int i = 0; i < handled.length(); i++) {
            sum += handled.get(i);
        }
        return sum;
    }
}
