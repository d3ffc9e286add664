package io.lastcall.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.spi.Capability;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Another source, some of whose starts fail, and which breaks when the test says. Safe for any thread. */
final class BrokenSource<R> implements SourceFactory<R> {

    private final SourceFactory<R> inner;
    private final AtomicInteger failingStarts;
    private final Semaphore stands = new Semaphore(0);
    /** Written by start, read by the test. */
    private volatile @Nullable Intake<R> intake;

    private BrokenSource(SourceFactory<R> inner, int failingStarts) {
        this.inner = inner;
        this.failingStarts = new AtomicInteger(failingStarts);
    }

    /** The first starts fail, this many. */
    static <R> BrokenSource<R> of(SourceFactory<R> inner, int failingStarts) {
        return new BrokenSource<>(inner, failingStarts);
    }

    /** Waits for the next start that does not fail. */
    void awaitStart() throws InterruptedException {
        assertThat(stands.tryAcquire(10, TimeUnit.SECONDS)).isTrue();
    }

    /** The connection is gone. */
    void breakNow(Throwable cause) {
        Intake<R> current = intake;
        if (current == null) {
            throw new AssertionError("not started");
        }
        current.failed(cause);
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public Set<Capability> capabilities() {
        return inner.capabilities();
    }

    @Override
    public Source<R> open() {
        Source<R> opened = inner.open();
        return new Source<>() {
            @Override
            public void start(Intake<R> given) throws Exception {
                if (failingStarts.getAndDecrement() > 0) {
                    throw new IOException("no route to the broker");
                }
                intake = given;
                opened.start(given);
                stands.release();
            }

            @Override
            public CompletionStage<Void> stopReceiving() {
                return opened.stopReceiving();
            }

            @Override
            public void settle(List<? extends Settlement<R>> run) {
                opened.settle(run);
            }

            @Override
            public void close(Duration atMost) throws Exception {
                opened.close(atMost);
            }
        };
    }
}
