package io.lastcall.benchmarks;

import io.lastcall.runner.Subcommand;
import io.lastcall.testkit.simulation.PlantedFault;
import io.lastcall.testkit.simulation.Simulation;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lastcall simulate}. One thread; the simulation takes its own. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = {
            "Plays schedules of the real engine under a virtual clock, each from its seed, and checks their histories.",
            "Exit status 0: no violation, and every fault that was planted was found."
        })
public final class SimulateCommand implements Subcommand {

    private static final long MOST_FOR_A_FAULT = 20_000;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--schedules",
            defaultValue = "200000",
            description = "How many schedules, at least 0 (default: ${DEFAULT-VALUE}).")
    private long schedules;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "The first seed, any number (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--threads",
            description = "On how many threads, 1 to 256 (default: as many as there are processors).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--planted", paramLabel = "NAME|all", description = "A fault to plant and find, or all of them.")
    private Optional<String> planted = Optional.empty();

    @Option(names = "--history", description = "Also tells the history of the first seed.")
    private boolean history;

    @Option(names = "--json", description = "One line of JSON at the end.")
    private boolean json;

    /** Called by picocli. */
    public SimulateCommand() {}

    @Override
    public Integer call() throws Exception {
        refuse(schedules < 0, "--schedules = " + schedules + ", must be at least 0");
        refuse(threads < 1 || threads > 256, "--threads = " + threads + ", must be from 1 to 256");
        List<PlantedFault> faults = planted.map(this::faults).orElse(List.of());
        silenceEngine();
        PrintWriter out = spec.commandLine().getOut();
        if (history) {
            out.print(Simulation.describe(seed));
        }
        Simulation.Result result = Simulation.run(seed, schedules, threads);
        if (schedules > 0) {
            tell(out, result);
        }
        int found = 0;
        for (PlantedFault fault : faults) {
            Optional<Simulation.Failure> failure = fault.find(seed, MOST_FOR_A_FAULT, threads);
            out.printf(
                    "%-34s %s%n",
                    fault,
                    failure.map(it ->
                                    "seed " + it.seed() + ": " + it.violations().get(0))
                            .orElse("NOT FOUND in " + MOST_FOR_A_FAULT + " schedules"));
            found += failure.isPresent() ? 1 : 0;
        }
        if (json) {
            out.printf(
                    Locale.ROOT,
                    "{\"schedules\":%d,\"seconds\":%.1f,\"violations\":%d,\"rarestArrow\":%d,\"planted\":%d,\"found\":%d}%n",
                    result.schedules(),
                    result.took().toMillis() / 1e3,
                    result.failures().size(),
                    result.coverage().rarest().times(),
                    faults.size(),
                    found);
        }
        out.flush();
        return result.failures().isEmpty() && found == faults.size() ? 0 : 1;
    }

    private static void tell(PrintWriter out, Simulation.Result result) {
        out.println(result.coverage().table());
        result.failures().stream().limit(10).forEach(failure -> {
            out.println(failure);
            out.println("  replay: bin/lastcall simulate --schedules 1 --history --seed " + failure.seed());
        });
        out.printf(
                Locale.ROOT,
                "%,d schedules in %.1f s, %d violations, rarest: %s%n",
                result.schedules(),
                result.took().toMillis() / 1e3,
                result.failures().size(),
                result.coverage().rarest());
    }

    private List<PlantedFault> faults(String name) {
        if (name.equals("all")) {
            return List.of(PlantedFault.values());
        }
        List<PlantedFault> named = Arrays.stream(PlantedFault.values())
                .filter(fault -> fault.name().equalsIgnoreCase(name))
                .toList();
        refuse(
                named.isEmpty(),
                "--planted = " + name + ", must be all or one of "
                        + Arrays.stream(PlantedFault.values()).map(Enum::name).collect(Collectors.joining(", ")));
        return named;
    }

    private void refuse(boolean bad, String why) {
        if (bad) {
            throw new ParameterException(spec.commandLine(), why);
        }
    }

    /** It would log millions of lines, unless somebody asks for them. */
    private static void silenceEngine() {
        if (System.getenv("LASTCALL_LOG_LEVEL") == null) {
            System.setProperty("LASTCALL_LOG_LEVEL", "OFF");
        }
        ClassLoader loader = SimulateCommand.class.getClassLoader();
        if (loader != null) {
            loader.setPackageAssertionStatus("io.lastcall", true);
        }
    }
}
