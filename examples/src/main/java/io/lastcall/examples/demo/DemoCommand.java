package io.lastcall.examples.demo;

import io.lastcall.RuntimeReport;
import io.lastcall.runner.Subcommand;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code lastcall demo}. One thread. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Handles orders from a real broker, drains while they flow, and accounts for each of them.",
        footerHeading = "%n",
        footer =
                "Ends when the time is over, when all is done, or on Ctrl-C or SIGTERM; each further signal drains harder.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:a clean drain",
            "1:ledger, broker and report disagree, or the demo itself failed",
            "2:not understood",
            RuntimeReport.EXIT_UNCLEAN + ":a drain that was not clean",
            RuntimeReport.EXIT_FAILED + ":the consumer failed"
        })
public final class DemoCommand implements Subcommand {

    private static final Logger log = LoggerFactory.getLogger(DemoCommand.class);

    /** What can be asked for. */
    enum BrokerKind {
        KAFKA,
        SQS,
        RABBIT,
        MEMORY
    }

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "BROKER", converter = BrokerName.class, description = "kafka, sqs, rabbit or memory.")
    private BrokerKind broker;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationText.class,
            description = "How long, such as 500ms, 20s or 2m; by default 20s, or as long as --messages take.")
    private @Nullable Duration time;

    @Option(names = "--messages", paramLabel = "N", description = "Ends when N orders are published and done.")
    private @Nullable Integer messages;

    @Option(names = "--json", description = "Prints one line of JSON to standard output, all else to standard error.")
    private boolean json;

    /** For picocli. */
    public DemoCommand() {}

    @Override
    public Integer call() {
        Integer count = messages;
        if (count != null && (count < 1 || count > 10_000_000)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "Invalid value for option '--messages': '" + count + "' must be from 1 to 10000000");
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Optional<Duration> limit = count == null
                ? Optional.of(Optional.ofNullable(time).orElse(Duration.ofSeconds(20)))
                : Optional.ofNullable(time);
        PrintWriter people = json ? err : out;
        Progress progress = new Progress(people, !json && Terminal.isThere());
        try (OrderBroker opened = open(people)) {
            Demo.Result result = new Demo(opened, limit, count == null ? Integer.MAX_VALUE : count, progress).run();
            if (json) {
                result.json().ifPresent(out::println);
                out.flush();
            }
            return result.exitStatus();
        } catch (RuntimeException e) {
            log.debug("the demo failed", e);
            err.println("lastcall demo: " + e);
            return 1;
        }
    }

    private OrderBroker open(PrintWriter people) {
        return switch (broker) {
            case MEMORY -> new MemoryOrders();
            case KAFKA -> started(people, "a Kafka broker", KafkaOrders::start);
            case SQS -> started(people, "an SQS broker (ElasticMQ)", SqsOrders::start);
            case RABBIT -> started(people, "a RabbitMQ server", RabbitOrders::start);
        };
    }

    private static OrderBroker started(PrintWriter people, String what, Supplier<OrderBroker> start) {
        people.println("starting " + what + " in a process of its own ...");
        people.flush();
        return start.get();
    }

    /** Reads the broker's name; says which there are. */
    static final class BrokerName implements ITypeConverter<BrokerKind> {
        @Override
        public BrokerKind convert(String text) {
            return Arrays.stream(BrokerKind.values())
                    .filter(it -> name(it).equals(text))
                    .findFirst()
                    .orElseThrow(() -> new TypeConversionException("'" + text + "' must be one of "
                            + Arrays.stream(BrokerKind.values())
                                    .map(BrokerName::name)
                                    .collect(Collectors.joining(", "))));
        }

        private static String name(BrokerKind kind) {
            return kind.name().toLowerCase(Locale.ROOT);
        }
    }
}
