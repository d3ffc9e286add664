package io.lastcall.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class DemoCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nats | BROKER | kafka, sqs, rabbit, memory",
                "KAFKA | BROKER | kafka, sqs, rabbit, memory",
                "'' | BROKER | BROKER",
                "memory --for 20 | --for | 500ms, 20s, 2m or 1h",
                "memory --for 0s | --for | more than zero",
                "memory --for -5s | --for | 500ms, 20s, 2m or 1h",
                "memory --messages 0 | --messages | from 1 to 10000000",
                "memory --messages many | --messages | many",
                "memory --fast | --fast | Usage",
            })
    void bad_arguments_are_named_with_what_is_legal(String arguments, String named, String legal) {
        assertThat(execute(arguments.isEmpty() ? new String[0] : arguments.split(" ")))
                .isEqualTo(2);
        assertThat(err.toString()).contains(named, legal);
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void durations_are_read_as_people_write_them() {
        DurationText text = new DurationText();
        assertThat(text.convert("500ms")).isEqualTo(Duration.ofMillis(500));
        assertThat(text.convert("20s")).isEqualTo(Duration.ofSeconds(20));
        assertThat(text.convert("2m")).isEqualTo(Duration.ofMinutes(2));
        assertThat(text.convert("1h")).isEqualTo(Duration.ofHours(1));
        assertThat(DurationText.of(Duration.ofMillis(1_500))).isEqualTo("1500ms");
        assertThat(DurationText.of(Duration.ofMinutes(2))).isEqualTo("120s");
    }

    @Test
    void it_ends_when_as_many_as_asked_for_are_published_and_done() {
        assertThat(execute("memory", "--messages", "400")).as(err.toString()).isZero();
        assertThat(out.toString()).contains("Drained clean (all orders are done)", "agree.");
        assertThat(out.toString()).containsPattern("published +400\\R");
    }

    @Test
    void with_json_standard_output_has_just_the_one_line() {
        assertThat(execute("memory", "--messages", "400", "--json")).isZero();
        assertThat(out.toString())
                .matches("\\{\"broker\":\"memory\",\"published\":400,\"handled\":398,\"retried\":24,"
                        + "\"deadLettered\":2,\"released\":0,\"unconfirmed\":0,\"abandoned\":0,\"lost\":0,"
                        + "\"repeated\":0,\"clean\":true,\"drain\":\\{\"stopReceiving\":\\d+,\"finish\":\\d+,"
                        + "\"close\":\\d+,\"total\":\\d+}}\\R");
        assertThat(err.toString()).contains("Drained clean");
    }

    @Test
    void it_ends_when_the_time_is_over() {
        assertThat(execute("memory", "--for", "700ms")).isZero();
        assertThat(out.toString()).contains("Drained clean (700ms are over)");
    }

    private int execute(String... arguments) {
        return new CommandLine(new DemoCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
