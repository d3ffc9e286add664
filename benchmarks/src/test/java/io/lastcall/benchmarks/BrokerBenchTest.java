package io.lastcall.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Each bench of a broker, tiny: its fields are a contract, and its sums must be right. Times are looked at by nobody. */
class BrokerBenchTest {

    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\":(-?[0-9.]+)");

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void kafka_noop_handles_all_in_order_with_every_contender() {
        Map<String, Double> figures = figures("kafka-noop", "--messages", "40000", "--rounds", "1");
        assertThat(figures).containsKeys("laneRatio", "keyRatio", "laneRatioBest", "keyRatioBest");
        assertThat(figures).containsKeys("loopBytes", "bestBytes", "laneBytes", "keyBytes");
        assertThat(figures)
                .containsEntry("records", 40_000.0)
                .containsEntry("handled", 4 * 40_000.0)
                .containsEntry("orderViolations", 0.0)
                .containsEntry("uncommitted", 0.0);
    }

    @Test
    void kafka_5ms_handles_all_in_order_at_each_level() {
        Map<String, Double> figures = figures("kafka-5ms", "--messages", "16000", "--rounds", "1");
        assertThat(figures).containsKeys("ratio64", "ratio256", "ratio1024", "cpuMicrosOverFloor");
        assertThat(figures)
                .containsEntry("expected", 1_000.0 + 4_000 + 16_000)
                .containsEntry("handled", 1_000.0 + 4_000 + 16_000)
                .containsEntry("orderViolations", 0.0)
                .containsEntry("uncommitted", 0.0);
    }

    @Test
    void kafka_stop_loses_repeats_and_interrupts_nothing() {
        Map<String, Double> figures = figures("kafka-stop", "--messages", "300", "--rounds", "2");
        assertThat(figures).containsKeys("overMillisMedian", "overMillisMax", "idleMillisMax");
        assertThat(figures).containsKeys("joiningOverMillisMedian", "joiningOverMillisMax", "bareOverMillisMedian");
        assertThat(figures)
                .containsEntry("lost", 0.0)
                .containsEntry("repeated", 0.0)
                .containsEntry("interrupted", 0.0)
                .containsEntry("unclean", 0.0);
    }

    @Test
    void kafka_restart_loses_and_repeats_nothing_but_by_a_kill() {
        Map<String, Double> figures = figures("kafka-restart", "--messages", "4000", "--rounds", "1");
        assertThat(figures).containsKeys("p99Millis", "p99MillisCooperative", "p99MillisEager", "p99MillisBare");
        assertThat(figures).containsKeys("killInFlight", "killRepeatedMax");
        assertThat(figures)
                .containsEntry("handled", 3 * 4_000.0)
                .containsEntry("lost", 0.0)
                .containsEntry("repeated", 0.0)
                .containsEntry("orderViolations", 0.0)
                .containsEntry("killLost", 0.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqs-noop", "sqs-5ms", "rabbit-noop", "rabbit-5ms"})
    void queues_are_handled_whole_by_both_contenders(String bench) {
        Map<String, Double> figures = figures(bench, "--messages", "200", "--rounds", "1");
        assertThat(figures).containsKeys("ratio", "perSecond", "barePerSecond", "cpuMicros", "bytes");
        assertThat(figures.containsKey("requestsPerMessage")).isEqualTo(bench.startsWith("sqs"));
        assertThat(figures)
                .containsEntry("messages", 200.0)
                .containsEntry("handled", 2 * 200.0)
                .containsEntry("repeated", 0.0)
                .containsEntry("left", 0.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqs-stop", "rabbit-stop"})
    void a_stop_at_a_queue_loses_repeats_and_interrupts_nothing(String bench) {
        Map<String, Double> figures = figures(bench, "--messages", "100", "--rounds", "1");
        assertThat(figures).containsKeys("overMillisMedian", "overMillisMax", "emptyMillisMax", "bareOverMillisMedian");
        assertThat(figures)
                .containsEntry("lost", 0.0)
                .containsEntry("repeated", 0.0)
                .containsEntry("interrupted", 0.0)
                .containsEntry("unclean", 0.0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqs-idle", "rabbit-idle"})
    void an_idle_consumer_is_measured_beside_the_bare_client(String bench) {
        assertThat(figures(bench, "--messages", "1", "--rounds", "1"))
                .containsEntry("seconds", 1.0)
                .containsKeys("bareCpuMillis", "lastcallCpuMillis", "overMillis");
    }

    @Test
    void bad_arguments_name_the_option_and_what_is_legal() {
        assertThat(execute("tea")).isEqualTo(2);
        assertThat(err.toString()).contains("\"tea\" is none of core, stop, drain, idle, kafka-noop");
        assertThat(execute("kafka-noop", "--rounds", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--rounds = 0, must be at least 1");
        assertThat(execute("core", "--messages", "5")).isEqualTo(2);
        assertThat(err.toString()).contains("core has one size");
    }

    private Map<String, Double> figures(String... arguments) {
        int status = execute(arguments);
        System.out.println(err); // kept with the reports: each run
        System.out.println(out);
        assertThat(status).as(err.toString()).isZero();
        Map<String, Double> figures = new LinkedHashMap<>();
        FIELD.matcher(out.toString()).results().forEach(it -> figures.put(it.group(1), Double.valueOf(it.group(2))));
        return figures;
    }

    private int execute(String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = "--json";
        return new CommandLine(new BenchCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }
}
