package io.lastcall.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.runner.Subcommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;

/** What {@code bin/lastcall --help} says before anything is built. */
class UsageTest {

    @Test
    void it_names_every_command() throws Exception {
        String usage = Files.readString(Path.of("..", "bin", "lastcall"));
        assertThat(ServiceLoader.load(Subcommand.class)).hasSizeGreaterThan(2).allSatisfy(command -> {
            Command named = command.getClass().getAnnotation(Command.class);
            assertThat(named).isNotNull();
            assertThat(usage).containsPattern("\n  " + named.name() + " ");
        });
    }
}
