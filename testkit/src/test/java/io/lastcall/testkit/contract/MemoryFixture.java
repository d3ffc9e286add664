package io.lastcall.testkit.contract;

import io.lastcall.MessageConsumer;
import io.lastcall.memory.MemoryQueue;
import io.lastcall.memory.MemorySettings;
import io.lastcall.message.Headers;
import io.lastcall.message.Outcome;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.SourceFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Queues in this process. There is no other client of theirs than the consumer, so what is available is asked by one. */
class MemoryFixture implements BrokerFixture {

    private static final Duration LONG = Duration.ofSeconds(30);

    private final UnaryOperator<SourceFactory<?>> around;
    private final Duration patience;

    MemoryFixture() {
        this(UnaryOperator.identity(), LONG);
    }

    /** Sources as something else makes of them. */
    MemoryFixture(UnaryOperator<SourceFactory<?>> around, Duration patience) {
        this.around = around;
        this.patience = patience;
    }

    @Override
    public Destination create(String name) {
        MemoryQueue queue = new MemoryQueue(new MemorySettings(name, 1_000).rules(LaneRules.PLAIN));
        SourceFactory<?> source = around.apply(queue.source());
        return new Destination() {

            @Override
            public void publish(String key, String body) throws Exception {
                publish(key, body.getBytes(StandardCharsets.UTF_8), Headers.empty());
            }

            @Override
            public void publish(String key, byte[] body, Headers headers) throws Exception {
                if (!queue.publish(key.getBytes(StandardCharsets.UTF_8), body, headers, LONG)) {
                    throw new IllegalStateException("no room in " + queue);
                }
            }

            @Override
            public SourceFactory<?> source() {
                return source;
            }

            @Override
            public List<String> takeAvailable(int expected, Duration atMost) throws Exception {
                return takeAll(queue);
            }

            @Override
            public void close() {
                queue.close();
            }
        };
    }

    /** All that waits is there at once, so nothing has to be waited for: the queue is closed, and its consumer ends with it. */
    private static List<String> takeAll(MemoryQueue queue) throws Exception {
        List<String> bodies = Collections.synchronizedList(new ArrayList<>());
        queue.close();
        try (MessageConsumer taker = MessageConsumer.from(queue.source())
                .name("taker")
                .handle((message, context) -> {
                    bodies.add(Ledger.body(message));
                    return Outcome.accept();
                })
                .start()) {
            taker.ended().toCompletableFuture().get(LONG.toNanos(), TimeUnit.NANOSECONDS);
        }
        return List.copyOf(bodies);
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
    public void cut() {
        throw new UnsupportedOperationException("a queue in this process cannot be cut off");
    }

    @Override
    public void mend() throws InterruptedException {}

    @Override
    public Duration patience() {
        return patience;
    }

    @Override
    public int racingRounds() {
        return 300;
    }

    @Override
    public void close() {}
}
