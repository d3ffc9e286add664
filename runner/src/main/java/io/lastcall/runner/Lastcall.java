package io.lastcall.runner;

import java.util.List;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the command line. Knows no command itself: each is a {@link Subcommand} found on the class path. */
@Command(
        name = "lastcall",
        description = "A message consumer that stops cleanly.",
        mixinStandardHelpOptions = true,
        version = "lastcall 0.1.0-SNAPSHOT",
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:done", "1:failed", "2:not understood; others are named by the command"})
public final class Lastcall implements Runnable {
    @Spec
    private CommandSpec spec;

    private Lastcall() {}

    /**
     * Runs one command and exits with its status.
     *
     * @param arguments the command and what it takes
     */
    public static void main(String[] arguments) {
        System.exit(commandLine(ServiceLoader.load(Subcommand.class)).execute(arguments));
    }

    static CommandLine commandLine(Iterable<? extends Subcommand> subcommands) {
        var root = new CommandLine(new Lastcall());
        subcommands.forEach(root::addSubcommand);
        root.setParameterExceptionHandler((wrong, arguments) -> inOneLine(wrong));
        return root;
    }

    private static int inOneLine(ParameterException wrong) {
        CommandLine command = wrong.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        // What was not understood explains what seems to be missing.
        List<String> strange = command.getUnmatchedArguments();
        String what = wrong instanceof MissingParameterException && !strange.isEmpty()
                ? "Unknown argument: '" + strange.get(0) + "'"
                : wrong.getMessage();
        command.getErr().println(name + ": " + what + "; see " + name + " --help");
        command.getErr().flush();
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }

    /** Reached only when no command was given. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "A command is missing");
    }
}
