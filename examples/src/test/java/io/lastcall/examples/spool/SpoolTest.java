package io.lastcall.examples.spool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.ConsumerListener;
import io.lastcall.ConsumerState;
import io.lastcall.MessageConsumer;
import io.lastcall.Retry;
import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.Signals;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the contract does not ask of a spool: other processes, other files, the order of its names. */
class SpoolTest {

    private static final long PATIENCE_SECONDS = 60;

    private final BlockingQueue<Message<byte[]>> handled = new LinkedBlockingQueue<>();

    @TempDir
    Path folder;

    private MessageConsumer consumer(Spool spool) {
        return MessageConsumer.from(spool)
                .handle((message, context) -> {
                    handled.add(message);
                    return Outcome.accept();
                })
                .start();
    }

    private Process holder() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SpoolHolder.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private String nextBody(int attempt) throws InterruptedException {
        Message<byte[]> message = handled.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(message).isNotNull();
        assertThat(message.attempt()).isEqualTo(attempt);
        return new String(message.body(), UTF_8);
    }

    private static void publish(Spool spool, String body) throws IOException {
        spool.publish(null, Headers.empty(), body.getBytes(UTF_8));
    }

    @Test
    void what_a_process_holds_stays_its_own_until_it_is_killed() throws Exception {
        Spool spool = Spool.in(folder, Clock.systemUTC());
        publish(spool, "held");
        Process holder = holder();
        try (BufferedReader said = new BufferedReader(new InputStreamReader(holder.getInputStream(), UTF_8))) {
            assertThat(said.lines().anyMatch(line -> line.startsWith(SpoolHolder.HOLDS)))
                    .isTrue();
            publish(spool, "other");
            try (MessageConsumer alive = consumer(spool)) {
                assertThat(nextBody(1)).isEqualTo("other");
                assertThat(alive.drain().counts().received()).isEqualTo(1);
            }
            holder.destroyForcibly().waitFor();
            try (MessageConsumer after = consumer(spool)) {
                assertThat(nextBody(2)).isEqualTo("held");
                assertThat(after.drain().clean()).isTrue();
            }
        } finally {
            holder.destroyForcibly();
        }
        assertThat(filesLeft()).isEmpty();
    }

    /** Whoever closes a lock file gives up all locks that the process has on it, so nobody may even open another's here. */
    @Test
    void a_second_consumer_leaves_the_lock_of_the_first_in_place() throws Exception {
        Spool spool = Spool.in(folder, Clock.systemUTC());
        publish(spool, "held");
        Signals signals = new Signals();
        BlockingQueue<String> held = new LinkedBlockingQueue<>();
        Process other = null;
        try (MessageConsumer first = MessageConsumer.from(spool)
                .handle((message, context) -> {
                    held.add(message.id());
                    signals.await("go", Duration.ofSeconds(PATIENCE_SECONDS));
                    return Outcome.accept();
                })
                .start()) {
            String id = held.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            try (MessageConsumer second = consumer(spool)) {
                assertThat(second.drain().counts().received()).isZero();
            }
            first.pause("the other process shall have it");
            publish(spool, "other");
            other = holder();
            try (BufferedReader said = new BufferedReader(new InputStreamReader(other.getInputStream(), UTF_8))) {
                assertThat(said.lines()
                                .filter(line -> line.startsWith(SpoolHolder.HOLDS))
                                .findFirst())
                        .isPresent()
                        .isNotEqualTo(Optional.of(SpoolHolder.HOLDS + id));
            }
            signals.fire("go");
            assertThat(first.drain().counts().accepted()).isEqualTo(1);
        } finally {
            if (other != null) {
                other.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void a_file_that_is_no_message_goes_to_the_dead_and_a_stranger_is_left_alone() throws Exception {
        Spool spool = Spool.in(folder, Clock.systemUTC());
        SpoolName broken = SpoolName.first(1, "broken");
        Files.write(broken.in(spool.ready), new byte[] {0, 0, 1});
        Path stranger = Files.writeString(spool.ready.resolve("README"), "not ours");
        publish(spool, "good");
        try (MessageConsumer consumer = consumer(spool)) {
            assertThat(nextBody(1)).isEqualTo("good");
            assertThat(consumer.drain().counts().received()).isEqualTo(1);
        }
        assertThat(filesLeft()).containsExactlyInAnyOrder(broken.in(spool.dead), stranger);
    }

    @Test
    void a_rejected_message_lies_with_the_dead() throws Exception {
        Spool spool = Spool.in(folder, Clock.systemUTC());
        publish(spool, "bad");
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (MessageConsumer consumer = MessageConsumer.from(spool)
                .handle((message, context) -> {
                    seen.add(message.id());
                    return Outcome.reject("as this test wants it");
                })
                .start()) {
            String id = seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(consumer.drain().counts().rejected()).isEqualTo(1);
            assertThat(filesLeft()).containsExactly(new SpoolName(String.valueOf(id), 1).in(spool.dead));
        }
    }

    @Test
    void a_retry_that_a_drain_gives_back_counts() throws Exception {
        Spool spool = Spool.in(folder, Clock.systemUTC());
        publish(spool, "again");
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        Signals signals = new Signals();
        try (MessageConsumer consumer = MessageConsumer.from(spool)
                .retry(Retry.fixed(5, Duration.ofHours(1)))
                .listener(new ConsumerListener() {
                    @Override
                    public void stateChanged(String name, ConsumerState from, ConsumerState to) {
                        signals.fire(to.name());
                    }
                })
                .handle((message, context) -> {
                    seen.add(message.id());
                    signals.await(ConsumerState.FINISHING.name(), Duration.ofSeconds(PATIENCE_SECONDS));
                    return Outcome.retry();
                })
                .start()) {
            String id = seen.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(consumer.drain().counts().retried()).isEqualTo(1);
            assertThat(filesLeft()).containsExactly(new SpoolName(String.valueOf(id), 2).in(spool.ready));
        }
    }

    @Test
    void names_keep_the_order_of_publishing_when_the_clock_stands_still() throws Exception {
        Spool spool = Spool.in(folder, Clock.fixed(Instant.parse("2026-05-01T00:00:00Z"), ZoneOffset.UTC));
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            publish(spool, "m" + i);
            bodies.add("m" + i);
        }
        List<String> came = new ArrayList<>();
        try (MessageConsumer consumer = consumer(spool)) {
            for (int i = 0; i < 20; i++) {
                came.add(nextBody(1));
            }
            assertThat(consumer.drain().clean()).isTrue();
        }
        assertThat(came).isEqualTo(bodies);
    }

    private List<Path> filesLeft() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
