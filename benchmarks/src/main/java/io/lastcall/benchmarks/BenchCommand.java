package io.lastcall.benchmarks;

import io.lastcall.benchmarks.broker.BrokerBench;
import io.lastcall.benchmarks.broker.Size;
import io.lastcall.runner.Subcommand;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lastcall bench}. Prints figures; judges none of them. One thread. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measures what the engine costs.",
            "core: from offer to settled; stop: a drain with handlers at work and a backlog;",
            "drain: a drain with 10,000 deliveries held; idle: CPU of an idle Kafka consumer beside the bare client (2 minutes).",
            "kafka-noop: records that nobody works on, beside the loops that one can write over the bare client.",
            "kafka-5ms: handlers of 5 ms, 64, 256 and 1,024 at once, beside as many bare threads.",
            "kafka-stop: a stop with handlers at work and a backlog, also while others join.",
            "kafka-restart: three members restarted in turn under load, and one killed at full speed.",
            "sqs-noop, sqs-5ms, sqs-stop, sqs-idle, rabbit-noop, rabbit-5ms, rabbit-stop, rabbit-idle: the same for queues.",
            "docs/performance.md says what each figure means."
        })
public final class BenchCommand implements Subcommand {

    /** What can be measured without another contender; no more than it says can be chosen. */
    enum EngineBench {
        CORE,
        STOP,
        DRAIN,
        IDLE
    }

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "BENCH",
            description = "One of: ${COMPLETION-CANDIDATES}.",
            completionCandidates = Names.class)
    private String bench;

    @Option(
            names = "--messages",
            paramLabel = "N",
            description =
                    "How many messages a run handles, at least 1; for the benches of a broker, smaller than usual for a quick look.")
    private Optional<Integer> messages = Optional.empty();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            description = "How often each contender is measured, at least 1; for the benches of a broker.")
    private Optional<Integer> rounds = Optional.empty();

    @Option(names = "--json", description = "One line of JSON at the end.")
    private boolean json;

    /** Called by picocli. */
    public BenchCommand() {}

    @Override
    public Integer call() throws Exception {
        Map<String, Number> figures = measure();
        PrintWriter people = spec.commandLine().getErr();
        figures.forEach((name, value) -> people.printf(Locale.ROOT, "%-28s %s%n", name, text(value)));
        people.flush();
        if (json) {
            PrintWriter out = spec.commandLine().getOut();
            out.println(figures.entrySet().stream()
                    .map(it -> "\"" + it.getKey() + "\":" + text(it.getValue()))
                    .collect(Collectors.joining(",", "{", "}")));
            out.flush();
        }
        return 0;
    }

    private Map<String, Number> measure() throws Exception {
        Optional<BrokerBench> broker = named(BrokerBench.values());
        if (broker.isPresent()) {
            Size size = new Size(atLeastOne("--messages", messages), atLeastOne("--rounds", rounds));
            return broker.get().measure(size, spec.commandLine().getErr());
        }
        EngineBench engine = named(EngineBench.values())
                .orElseThrow(() -> refused("\"" + bench + "\" is none of " + String.join(", ", new Names())));
        if (messages.isPresent() || rounds.isPresent()) {
            throw refused("--messages and --rounds are for the benches of a broker, " + bench + " has one size");
        }
        return switch (engine) {
            case CORE -> core();
            case STOP -> DrainBench.stop();
            case DRAIN -> DrainBench.drain();
            case IDLE -> IdleBench.measure();
        };
    }

    private <E extends Enum<E>> Optional<E> named(E[] benches) {
        return Arrays.stream(benches).filter(it -> word(it).equals(bench)).findFirst();
    }

    private OptionalInt atLeastOne(String option, Optional<Integer> value) {
        if (value.isPresent() && value.get() < 1) {
            throw refused(option + " = " + value.get() + ", must be at least 1");
        }
        return value.map(OptionalInt::of).orElse(OptionalInt.empty());
    }

    private ParameterException refused(String why) {
        return new ParameterException(spec.commandLine(), why);
    }

    private static String word(Enum<?> bench) {
        return bench.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Map<String, Number> core() throws InterruptedException {
        Map<String, Number> figures = new LinkedHashMap<>();
        CoreBench.Cost usual = CoreBench.measure(2_000_000, 1_000, 2, 10_000);
        figures.put("nanosPerMessage", usual.nanosPerMessage());
        figures.put("bytesPerMessage", usual.bytesPerMessage());
        figures.put(
                "nanosPerMessage100k",
                CoreBench.measure(2_000_000, 100_000, 2, 10_000).nanosPerMessage());
        for (int inFlight : new int[] {1, 4, 16, 64, 256, 1_024}) {
            figures.put(
                    "nanosPerMessageAt" + inFlight,
                    CoreBench.measure(1_000_000, 1_000, inFlight, 10_000).nanosPerMessage());
        }
        return figures;
    }

    /** The names of all benches. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.<Enum<?>>concat(Arrays.stream(EngineBench.values()), Arrays.stream(BrokerBench.values()))
                    .map(BenchCommand::word)
                    .iterator();
        }
    }

    /** Ratios need more places than rates. */
    private static String text(Number value) {
        if (value instanceof Double real) {
            return String.format(Locale.ROOT, Math.abs(real) < 10 ? "%.3f" : "%.1f", real);
        }
        return value.toString();
    }
}
