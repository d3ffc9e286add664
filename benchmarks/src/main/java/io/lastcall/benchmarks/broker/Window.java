package io.lastcall.benchmarks.broker;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The middle of a run, from a tenth to nine tenths of it: neither the start counts nor the end, when few are left. Safe for any thread. */
final class Window {

    private final int begin;
    private final int end;
    private final AtomicInteger passed = new AtomicInteger();
    private final AtomicReference<@Nullable Reading> from = new AtomicReference<>();
    private final AtomicReference<@Nullable Reading> to = new AtomicReference<>();

    Window(int messages) {
        if (messages < 10) {
            throw new IllegalArgumentException("messages = " + messages + ", must be at least 10");
        }
        this.begin = messages / 10;
        this.end = messages - messages / 10;
    }

    /** At the end of a handling. */
    void passed() {
        int count = passed.incrementAndGet();
        if (count == begin) {
            from.set(Reading.now());
        } else if (count == end) {
            to.set(Reading.now());
        }
    }

    Sample sample(Sample.Tally tally) {
        return new Sample(
                end - begin,
                Objects.requireNonNull(from.get(), "not begun"),
                Objects.requireNonNull(to.get(), "not ended"),
                tally);
    }
}
