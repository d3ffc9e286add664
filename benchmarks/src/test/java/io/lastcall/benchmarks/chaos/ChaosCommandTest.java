package io.lastcall.benchmarks.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ChaosCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void ten_rounds_of_all_kinds_lose_overlap_and_repeat_nothing() {
        int status = execute("kafka", "--rounds", "10", "--seed", "2026", "--json");
        System.out.println(err); // kept with the reports: seed, kinds, what went wrong
        System.out.println(out);
        assertThat(out.toString().strip())
                .matches("\\{\"rounds\":10,\"lost\":0,\"overlaps\":0,\"overlapsAcross\":\\d+,\"repeatedOnTerm\":0,"
                        + "\"repeatedOnKill\":\\d+,\"drainOverDeadlineMillis\":\\d+}");
        assertThat(err.toString()).contains("failed rounds 0 of 10");
        assertThat(status).isZero();
    }

    @Test
    void the_same_seed_and_kind_give_the_same_plan_and_kinds_take_turns() {
        assertThat(RoundPlan.of(5, Optional.empty())).isEqualTo(RoundPlan.of(5, Optional.empty()));
        assertThat(LongStream.range(10, 16)
                        .mapToObj(seed -> RoundPlan.of(seed, Optional.empty()).kind()))
                .containsExactlyInAnyOrder(RoundKind.values());
        RoundPlan plan = RoundPlan.of(-3, Optional.empty());
        assertThat(RoundPlan.of(-3, Optional.of(plan.kind()))).isEqualTo(plan);
    }

    @Test
    void bad_arguments_name_the_option_and_what_is_legal() {
        assertThat(execute("kafka", "--rounds", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--rounds = 0, must be at least 1");
        assertThat(execute("kafka", "--kind", "flood")).isEqualTo(2);
        assertThat(err.toString()).contains("\"flood\" is none of term, kill, broker, rolling, storm, freeze");
        assertThat(execute("sqs")).isEqualTo(2);
        assertThat(err.toString()).contains("\"sqs\" is not kafka");
    }

    private int execute(String... arguments) {
        return new CommandLine(new ChaosCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
