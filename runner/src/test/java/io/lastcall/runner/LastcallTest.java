package io.lastcall.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class LastcallTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void a_subcommand_decides_the_exit_status() {
        assertThat(execute("answer", "--with", "7")).isEqualTo(7);
    }

    @Test
    void help_lists_the_subcommands() {
        assertThat(execute("--help")).isZero();
        assertThat(out.toString()).contains("Usage: lastcall", "answer", "Answers with a status.");
    }

    @Test
    void no_command_is_a_usage_error() {
        assertThat(execute()).isEqualTo(2);
        assertThat(err.toString()).isEqualTo("lastcall: A command is missing; see lastcall --help\n");
    }

    @Test
    void an_unknown_command_is_a_usage_error() {
        assertThat(execute("anwser")).isEqualTo(2);
        assertThat(err.toString()).hasLineCount(1).contains("anwser");
    }

    @Test
    void an_unknown_option_is_a_usage_error() {
        assertThat(execute("answer", "--without")).isEqualTo(2);
        assertThat(err.toString()).hasLineCount(1).contains("lastcall answer", "--without");
    }

    private int execute(String... arguments) {
        return Lastcall.commandLine(List.of(new Answer()))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    @Command(name = "answer", description = "Answers with a status.")
    static final class Answer implements Subcommand {
        @Option(names = "--with")
        private int status;

        @Override
        public Integer call() {
            return status;
        }
    }
}
