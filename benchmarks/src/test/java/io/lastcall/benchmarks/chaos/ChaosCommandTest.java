package io.lastcall.benchmarks.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class ChaosCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource({"kafka, 10", "sqs, 6", "rabbit, 6"})
    void rounds_of_all_kinds_lose_overlap_and_repeat_nothing(String broker, String rounds) {
        int status = execute(broker, "--rounds", rounds, "--seed", "2026", "--json");
        System.out.println(err); // kept with the reports: seed, kinds, what went wrong
        System.out.println(out);
        assertThat(out.toString().strip())
                .matches("\\{\"rounds\":" + rounds
                        + ",\"lost\":0,\"overlaps\":0,\"overlapsAcross\":\\d+,\"repeatedOnTerm\":0,"
                        + "\"repeatedOnKill\":\\d+,\"drainOverDeadlineMillis\":\\d+}");
        assertThat(err.toString()).contains("failed rounds 0 of " + rounds);
        assertThat(status).isZero();
    }

    @Test
    void the_same_seed_and_kind_give_the_same_plan_and_kinds_take_turns() {
        assertThat(RoundPlan.of(Subscription.Broker.KAFKA, 5, Optional.empty()))
                .isEqualTo(RoundPlan.of(Subscription.Broker.KAFKA, 5, Optional.empty()));
        assertThat(LongStream.range(10, 16)
                        .mapToObj(seed -> RoundPlan.of(Subscription.Broker.KAFKA, seed, Optional.empty())
                                .kind()))
                .containsExactlyInAnyOrder(RoundKind.values());
        RoundPlan plan = RoundPlan.of(Subscription.Broker.KAFKA, -3, Optional.empty());
        assertThat(RoundPlan.of(Subscription.Broker.KAFKA, -3, Optional.of(plan.kind())))
                .isEqualTo(plan);
    }

    @Test
    void bad_arguments_name_the_option_and_what_is_legal() {
        assertThat(execute("kafka", "--rounds", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--rounds = 0, must be at least 1");
        assertThat(execute("kafka", "--kind", "flood")).isEqualTo(2);
        assertThat(err.toString()).contains("\"flood\" is none of term, kill, broker, rolling, storm, freeze");
        assertThat(execute("nats")).isEqualTo(2);
        assertThat(err.toString()).contains("\"nats\" is none of kafka, sqs, rabbit");
    }

    private int execute(String... arguments) {
        return new CommandLine(new ChaosCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
