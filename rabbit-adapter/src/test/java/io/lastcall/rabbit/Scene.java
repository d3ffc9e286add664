package io.lastcall.rabbit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;

import com.rabbitmq.client.GetResponse;
import io.lastcall.ConsumerBuilder;
import io.lastcall.ConsumerListener;
import io.lastcall.ConsumerState;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.message.Message;
import io.lastcall.testkit.Signals;
import io.lastcall.testkit.broker.RabbitBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Where an acceptance test plays: queues on the shared server, deleted at the end; what was handled, in order; signals, of which the states
 * of {@link #consumer consumers} are some. Safe for any thread, but for the declaring of queues.
 */
final class Scene implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    final RabbitBroker broker = RabbitBroker.shared();
    final Signals signals = new Signals();
    /** Bodies, as handlers note them. */
    final List<String> handled = Collections.synchronizedList(new ArrayList<>());

    private final Set<String> queues = new HashSet<>();

    String classic() {
        return queue(Map.of("x-queue-type", "classic"));
    }

    String quorum(Map<String, Object> more) {
        Map<String, Object> arguments = new HashMap<>(more);
        arguments.put("x-queue-type", "quorum");
        return queue(arguments);
    }

    String queue(Map<String, Object> arguments) {
        String name = broker.queue(broker.newName("acceptance"), arguments);
        queues.add(name);
        return name;
    }

    /** Whether this server gives back to a quorum queue without counting. */
    boolean isReleaseFree() {
        return ServerRules.of(Map.of("version", broker.version())).freeRelease(QueueType.QUORUM);
    }

    RabbitSource source(String queue, QueueType type) {
        return RabbitSource.queue(queue).queueType(type).connection(broker.connectionFactory());
    }

    /** A consumer that drops what it rejects, and fires its states by name. */
    ConsumerBuilder<byte[]> consumer(RabbitSource source) {
        return MessageConsumer.from(source).dropRejected().listener(states(""));
    }

    /** Fires the states of one of several consumers. */
    ConsumerListener states(String prefix) {
        return new ConsumerListener() {
            @Override
            public void stateChanged(String consumer, ConsumerState from, ConsumerState to) {
                signals.fire(prefix + to);
            }
        };
    }

    void await(String signal) throws InterruptedException {
        signals.await(signal, PATIENCE);
    }

    void await(ConsumerState state) throws InterruptedException {
        await(state.name());
    }

    void publish(String queue, int from, int to) {
        broker.publish(queue, bodies(from, to));
    }

    static List<String> bodies(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "m" + i).toList();
    }

    static String text(Message<byte[]> message) {
        byte @Nullable [] body = message.body();
        return body == null ? "" : new String(body, UTF_8);
    }

    static String text(GetResponse got) {
        return new String(got.getBody(), UTF_8);
    }

    /** Waits at a latch that must open. */
    static void pass(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(PATIENCE.toSeconds(), SECONDS)) {
            throw new AssertionError("nobody opened the latch");
        }
    }

    static CompletionStage<DrainReport> drain(MessageConsumer consumer) {
        return consumer.beginDrain(DrainRequest.because("the test").within(Duration.ofSeconds(20)));
    }

    static DrainReport report(CompletionStage<DrainReport> drain) throws Exception {
        return drain.toCompletableFuture().get(PATIENCE.toSeconds(), SECONDS);
    }

    @Override
    public void close() {
        queues.forEach(broker::delete);
    }
}
