package io.lastcall.testkit.broker;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lastcall.testkit.broker.BrokerProcess.Command;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerProcessTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    @Test
    void start_returns_when_the_ready_line_was_printed() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(shell("echo up in $MODE; exec sleep 60"), SOON)) {
            assertThat(broker.isAlive()).isTrue();
            assertThat(broker.line(Pattern.compile("up in (.*)")).get(1, SECONDS))
                    .isEqualTo("up in test");
        }
    }

    @Test
    void an_early_end_is_told_with_status_and_output() {
        assertThatThrownBy(() -> BrokerProcess.start(shell("echo no disk; exit 3"), SOON))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("status 3")
                .hasMessageContaining("no disk");
    }

    @Test
    void what_is_never_ready_is_killed_in_time() {
        assertThatThrownBy(() -> BrokerProcess.start(
                        shell("echo $$ > pid; echo warming; exec sleep 60"), Duration.ofMillis(500)))
                .hasMessageContaining("not ready within PT0.5S")
                .hasMessageContaining("warming");
        assertThat(folder.resolve("pid"))
                .satisfies(pid -> assertThat(ProcessHandle.of(
                                Long.parseLong(Files.readString(pid).strip())))
                        .isEmpty());
    }

    /** No hook runs in a JVM that is killed. */
    @Test
    void it_does_not_outlive_a_jvm_that_is_killed() throws Exception {
        Process owner = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Owner.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = owner.inputReader(StandardCharsets.UTF_8)) {
            ProcessHandle broker =
                    ProcessHandle.of(Long.parseLong(said.readLine())).orElseThrow();
            assertThat(broker.isAlive()).isTrue();
            owner.destroyForcibly();
            broker.onExit().get(20, SECONDS);
        } finally {
            owner.destroyForcibly();
        }
    }

    /** Says the id of its broker, and waits to be killed. */
    static final class Owner {

        private Owner() {}

        public static void main(String[] arguments) throws InterruptedException {
            Command command = new Command(
                    "test",
                    List.of("sh", "-c", "echo up; exec sleep 60"),
                    Map.of(),
                    Path.of(arguments[0]),
                    Pattern.compile("^up"));
            System.out.println(BrokerProcess.start(command, SOON).pid());
            System.out.flush();
            new CountDownLatch(1).await();
        }
    }

    @Test
    void kill9_takes_the_children_along_and_it_starts_again() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(shell("sleep 61 & echo child $!; echo up; wait"), SOON)) {
            long first = broker.pid();
            String child = broker.line(Pattern.compile("^child")).get(10, SECONDS);
            ProcessHandle handle =
                    ProcessHandle.of(Long.parseLong(child.substring(6))).orElseThrow();

            broker.kill9();
            assertThat(broker.isAlive()).isFalse();
            handle.onExit().get(10, SECONDS);

            broker.start(SOON);
            assertThat(broker.isAlive()).isTrue();
            assertThat(broker.pid()).isNotEqualTo(first);
        }
    }

    @Test
    void a_suspended_process_prints_nothing_until_it_is_resumed() throws Exception {
        String script = "echo up; while read word; do echo heard $word; done < fifo";
        BrokerProcess.runToEnd(shell("mkfifo fifo"), SOON);
        try (BrokerProcess broker = BrokerProcess.start(shell(script), SOON)) {
            broker.suspend();
            // The signal is under way when kill has returned.
            await().atMost(SOON)
                    .until(() -> Files.readString(Path.of("/proc/" + broker.pid() + "/stat"))
                            .contains(") T "));
            assertThat(broker.isAlive()).isTrue();

            broker.resume();
            Files.writeString(folder.resolve("fifo"), "hello\n");
            assertThat(broker.line(Pattern.compile("heard hello")).get(10, SECONDS))
                    .isEqualTo("heard hello");
        }
    }

    @Test
    void stop_asks_with_sigterm_and_waits() throws Exception {
        String script = "trap 'echo bye > farewell; kill $!; exit 0' TERM; sleep 62 & echo up; wait";
        try (BrokerProcess broker = BrokerProcess.start(shell(script), SOON)) {
            broker.stop(SOON);
            assertThat(broker.isAlive()).isFalse();
            assertThat(folder.resolve("farewell")).content().isEqualTo("bye\n");
        }
    }

    @Test
    void a_program_that_ends_badly_is_an_error() {
        assertThatThrownBy(() -> BrokerProcess.runToEnd(shell("echo wrong; exit 4"), SOON))
                .hasMessageContaining("status 4")
                .hasMessageContaining("wrong");
    }

    @Test
    void free_ports_differ() {
        assertThat(BrokerProcess.freePorts(20)).doesNotHaveDuplicates();
    }

    private Command shell(String script) {
        return new Command(
                "shell", List.of("sh", "-c", script), Map.of("MODE", "test"), folder, Pattern.compile("^up"));
    }
}
