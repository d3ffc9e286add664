package io.lastcall.benchmarks;

import io.lastcall.runner.Subcommand;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lastcall bench}. Prints figures; judges none of them. One thread. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measures what the engine costs.",
            "core: from offer to settled; stop: a drain with handlers at work and a backlog;",
            "drain: a drain with 10,000 deliveries held; idle: CPU of an idle Kafka consumer beside the bare client (2 minutes)."
        })
public final class BenchCommand implements Subcommand {

    /** What can be measured. */
    enum Bench {
        CORE,
        STOP,
        DRAIN,
        IDLE
    }

    @Parameters(paramLabel = "BENCH", description = "One of: ${COMPLETION-CANDIDATES}, in small letters too.")
    private Bench bench;

    @Option(names = "--json", description = "One line of JSON at the end.")
    private boolean json;

    /** Called by picocli. */
    public BenchCommand() {}

    @Override
    public Integer call() throws Exception {
        Map<String, Number> figures = switch (bench) {
            case CORE -> core();
            case STOP -> DrainBench.stop();
            case DRAIN -> DrainBench.drain();
            case IDLE -> IdleBench.measure();
        };
        figures.forEach((name, value) -> System.err.printf(Locale.ROOT, "%-28s %s%n", name, text(value)));
        if (json) {
            System.out.println(figures.entrySet().stream()
                    .map(it -> "\"" + it.getKey() + "\":" + text(it.getValue()))
                    .collect(Collectors.joining(",", "{", "}")));
        }
        return 0;
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

    private static String text(Number value) {
        return value instanceof Double ? String.format(Locale.ROOT, "%.1f", value) : value.toString();
    }
}
