package io.lastcall.benchmarks.chaos;

import io.lastcall.runner.Subcommand;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code lastcall chaos}. One thread. */
@Command(
        name = "chaos",
        mixinStandardHelpOptions = true,
        description = {
            "Consumes from a real broker in JVMs that are stopped, killed and frozen, and checks from outside what came of it.",
            "docs/chaos.md says what is played and what each figure means."
        },
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:nothing was lost, at once in one process, repeated by a graceful stop, or late",
            "1:something was, or the rounds themselves failed",
            "2:not understood"
        })
public final class ChaosCommand implements Subcommand {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "BROKER", converter = BrokerName.class, description = "kafka, sqs or rabbit.")
    private Subscription.Broker broker;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "12",
            description = "How many rounds, at least 1 (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "The seed of the first round, any number; each further one has the next"
                    + " (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--kind",
            converter = KindName.class,
            description = "term, kill, broker, rolling, storm or freeze; by default they take turns.")
    private Optional<RoundKind> kind = Optional.empty();

    @Option(names = "--json", description = "One line of JSON at the end.")
    private boolean json;

    /** Called by picocli. */
    public ChaosCommand() {}

    @Override
    public Integer call() {
        if (rounds < 1) {
            throw new ParameterException(spec.commandLine(), "--rounds = " + rounds + ", must be at least 1");
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Figures figures;
        try (Campaign campaign = Campaign.open(broker, err)) {
            figures = campaign.play(rounds, seed, kind);
        }
        err.println("orderViolations " + figures.orderViolations() + ", failed rounds " + figures.failedRounds()
                + " of " + figures.rounds());
        err.flush();
        if (json) {
            out.println(figures.json());
            out.flush();
        }
        return figures.failedRounds() == 0 ? 0 : 1;
    }

    /** Reads the name of a broker. */
    static final class BrokerName implements ITypeConverter<Subscription.Broker> {
        @Override
        public Subscription.Broker convert(String name) {
            return Arrays.stream(Subscription.Broker.values())
                    .filter(broker -> broker.word().equals(name.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("\"" + name + "\" is none of "
                            + Arrays.stream(Subscription.Broker.values())
                                    .map(Subscription.Broker::word)
                                    .collect(Collectors.joining(", "))));
        }
    }

    /** Reads the kind of a round. */
    static final class KindName implements ITypeConverter<RoundKind> {
        @Override
        public RoundKind convert(String name) {
            return Arrays.stream(RoundKind.values())
                    .filter(kind -> kind.word().equals(name.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("\"" + name + "\" is none of "
                            + Arrays.stream(RoundKind.values())
                                    .map(RoundKind::word)
                                    .collect(Collectors.joining(", "))));
        }
    }
}
