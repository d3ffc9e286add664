package io.lastcall.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The demo as a process of its own that gets real signals while orders flow. */
class DemoProcessTest {

    private static final Pattern PROGRESS = Pattern.compile("handled +([\\d,]+)");

    @ParameterizedTest
    @CsvSource({"memory, TERM", "kafka, TERM", "kafka, INT", "sqs, TERM", "rabbit, TERM"})
    void a_signal_drains_and_every_order_is_accounted_for(String broker, String signal)
            throws IOException, InterruptedException {
        Process demo = start("demo", broker, "--for", "5m", "--json");
        try (BufferedReader err = demo.errorReader(StandardCharsets.UTF_8);
                BufferedReader out = demo.inputReader(StandardCharsets.UTF_8)) {
            List<String> seen = new ArrayList<>();
            awaitHandled(1_000, err, seen);
            send(signal, demo);
            err.lines().forEach(seen::add);
            List<String> lines = out.lines().toList();
            String text = String.join("\n", seen);
            assertThat(demo.waitFor()).as(text).isZero();
            assertThat(lines).as(text).hasSize(1);
            String json = lines.get(0);
            assertThat(json)
                    .contains("\"broker\":\"" + broker + "\"", "\"clean\":true", "\"lost\":0", "\"repeated\":0");
            assertThat(number(json, "handled")).isGreaterThanOrEqualTo(1_000);
            assertThat(number(json, "deadLettered")).isPositive();
            assertThat(number(json, "retried")).isPositive();
            assertThat(number(json, "published"))
                    .isGreaterThanOrEqualTo(number(json, "handled") + number(json, "deadLettered"));
            assertThat(text).contains("Drained clean (SIG" + signal + ")", "agree.");
        } finally {
            demo.destroyForcibly();
        }
    }

    /** Ctrl-C in a terminal reaches all that run in it, TERM only the process it is sent to. */
    private static void send(String signal, Process demo) throws IOException, InterruptedException {
        List<String> kill = new ArrayList<>(List.of("kill", "-" + signal, Long.toString(demo.pid())));
        if (signal.equals("INT")) {
            demo.descendants().forEach(it -> kill.add(Long.toString(it.pid())));
        }
        assertThat(new ProcessBuilder(kill).inheritIO().start().waitFor()).isZero();
    }

    /** Reads until the progress says that so many are handled. */
    private static void awaitHandled(int least, BufferedReader err, List<String> seen) throws IOException {
        for (String line = err.readLine(); line != null; line = err.readLine()) {
            seen.add(line);
            Matcher handled = PROGRESS.matcher(line);
            if (handled.find() && Integer.parseInt(handled.group(1).replace(",", "")) >= least) {
                return;
            }
        }
        throw new AssertionError("ended early:\n" + String.join("\n", seen));
    }

    private static long number(String json, String field) {
        Matcher value = Pattern.compile("\"" + field + "\":(\\d+)").matcher(json);
        assertThat(value.find()).as(field + " in " + json).isTrue();
        return Long.parseLong(value.group(1));
    }

    private static Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "io.lastcall.runner.Lastcall"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).start();
    }
}
