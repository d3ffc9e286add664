package io.lastcall.benchmarks.broker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The floor: threads that do nothing but the handler's work, one after the other, without a broker. Stateless. */
final class BareThreads {

    private BareThreads() {}

    /** So many handlings of this length by so many threads. */
    static Sample work(int threads, int handlings, Duration each) throws InterruptedException {
        Window window = new Window(handlings);
        AtomicInteger next = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        CountDownLatch alive = new CountDownLatch(threads);
        ThreadFactory factory = factory();
        for (int i = 0; i < threads; i++) {
            factory.newThread(() -> {
                        try {
                            while (next.getAndIncrement() < handlings) {
                                Pause.take(each);
                                window.passed();
                                done.incrementAndGet();
                            }
                        } catch (Throwable e) {
                            failure.set(e);
                        } finally {
                            alive.countDown();
                        }
                    })
                    .start();
        }
        alive.await();
        Throwable cause = failure.get();
        if (cause != null) {
            throw new IllegalStateException("a bare thread failed", cause);
        }
        return window.sample(new Sample.Tally(done.get(), 0, 0));
    }

    /** Virtual threads where the JVM has them, since 21; the baseline is 17. The same choice as a consumer's by default. */
    static ThreadFactory factory() {
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            return (ThreadFactory) Class.forName("java.lang.Thread$Builder")
                    .getMethod("factory")
                    .invoke(builder);
        } catch (NoSuchMethodException e) {
            return Thread::new;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no virtual threads", e);
        }
    }
}
