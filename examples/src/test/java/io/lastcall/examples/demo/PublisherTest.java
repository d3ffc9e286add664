package io.lastcall.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.ConsumerBuilder;
import io.lastcall.testkit.Signals;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PublisherTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Signals signals = new Signals();
    private final List<String> seen = new CopyOnWriteArrayList<>();

    @Test
    void a_stop_waits_for_what_is_being_published() throws Exception {
        ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
        try {
            Publisher publisher = new Publisher(new Slow(), new Ledger(4), 4);
            publisher.start(clock);
            signals.await("publishing", PATIENCE);
            CompletableFuture<Void> stop = CompletableFuture.runAsync(publisher::stop, clock);
            assertThat(stop.copy().completeOnTimeout(null, 200, TimeUnit.MILLISECONDS))
                    .succeedsWithin(PATIENCE);
            assertThat(stop).isNotDone();
            signals.fire("go");
            assertThat(stop).succeedsWithin(PATIENCE);
            assertThat(seen).containsExactly("published", "published", "published", "published", "finished");
        } finally {
            clock.shutdownNow();
        }
    }

    private final class Slow implements OrderBroker {

        @Override
        public boolean publish(Order order, Ledger ledger) {
            signals.fire("publishing");
            try {
                signals.await("go", PATIENCE);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            seen.add("published");
            return true;
        }

        @Override
        public void finishPublishing() {
            seen.add("finished");
        }

        @Override
        public String name() {
            return "slow";
        }

        @Override
        public String description() {
            return "a broker that takes its time";
        }

        @Override
        public CompletionStage<String> gone() {
            return new CompletableFuture<>();
        }

        @Override
        public ConsumerBuilder<byte[]> subscribe() {
            throw new AssertionError("nobody consumes");
        }

        @Override
        public Map<String, AutoCloseable> resources() {
            return Map.of();
        }

        @Override
        public Evidence readBack() {
            return new Evidence(List.of(), List.of());
        }

        @Override
        public String whereAvailable() {
            return "nowhere";
        }

        @Override
        public void close() {}
    }
}
