package io.lastcall.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SimulateCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void schedules_without_violations_exit_with_zero_and_a_line_of_json() {
        assertThat(execute("--schedules", "200", "--seed", "7", "--json")).isZero();
        assertThat(out.toString().lines().reduce((first, last) -> last).orElseThrow())
                .matches("\\{\"schedules\":200,\"seconds\":[0-9.]+,\"violations\":0,\"rarestArrow\":[0-9]+,"
                        + "\"planted\":0,\"found\":0}");
    }

    @Test
    void a_planted_fault_is_found_whatever_the_case_of_its_name() {
        assertThat(execute("--schedules", "0", "--planted", "forgets_the_wire", "--json"))
                .isZero();
        assertThat(out.toString()).contains("FORGETS_THE_WIRE", "H3", "\"planted\":1,\"found\":1}");
    }

    @Test
    void the_history_of_a_seed_is_told() {
        assertThat(execute("--schedules", "1", "--seed", "3", "--history")).isZero();
        assertThat(out.toString()).contains("CONFIGURED", "DRAINED", "OVER");
    }

    @Test
    void bad_arguments_name_the_option_and_what_is_legal() {
        assertThat(execute("--schedules", "-1")).isEqualTo(2);
        assertThat(err.toString()).contains("--schedules = -1, must be at least 0");
        assertThat(execute("--threads", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--threads = 0, must be from 1 to 256");
        assertThat(execute("--planted", "nothing")).isEqualTo(2);
        assertThat(err.toString()).contains("--planted = nothing, must be all or one of", "FORGETS_THE_WIRE");
    }

    private int execute(String... arguments) {
        return new CommandLine(new SimulateCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
