package io.lastcall.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** The engine in every build: the same 200,000 seeds each time, and every planted fault until it is found. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SimulationTest {

    private static final long FIRST = 1;
    private static final long SCHEDULES = 200_000;
    private static final int THREADS = 2;
    private static final Logger ENGINE = (Logger) LoggerFactory.getLogger("io.lastcall.internal");

    @BeforeAll
    static void silence() {
        ENGINE.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        ENGINE.setLevel(null);
    }

    @Test
    @Order(1)
    void seeds_that_once_failed_do_not_fail_again() {
        assertThat(Simulation.corpus())
                .isNotEmpty()
                .allSatisfy(seed ->
                        assertThat(Simulation.replay(seed)).as("seed %s", seed).isEmpty());
    }

    @Test
    @Order(2)
    void every_schedule_keeps_the_invariants_and_every_move_is_seen_a_thousand_times() throws Exception {
        Simulation.Result result = Simulation.run(FIRST, SCHEDULES, THREADS);
        String text = String.format(
                Locale.ROOT,
                "%,d schedules in %.1f s, %,.0f a second, %d violations%n%s%n",
                result.schedules(),
                result.took().toMillis() / 1e3,
                result.schedules() * 1e3 / result.took().toMillis(),
                result.failures().size(),
                result.coverage().table());
        System.out.println(text);
        print(text);
        assertThat(result.failures()).isEmpty();
        assertThat(result.schedules()).isEqualTo(SCHEDULES);
        assertThat(result.coverage().counts())
                .allSatisfy(count -> assertThat(count.times()).as(count.name()).isGreaterThanOrEqualTo(1_000));
    }

    @ParameterizedTest
    @EnumSource
    void each_planted_fault_is_found(PlantedFault fault) throws Exception {
        assertThat(fault.find(FIRST, 20_000, THREADS)).as(fault.name()).isPresent();
    }

    @Test
    void a_seed_replays_exactly() {
        for (long seed = FIRST; seed < FIRST + 50; seed++) {
            assertThat(Simulation.describe(seed)).isEqualTo(Simulation.describe(seed));
        }
    }

    @Test
    void at_least_ten_of_the_listed_faults_are_planted_and_the_rest_is_explained() {
        assertThat(Arrays.stream(PlantedFault.values())
                        .mapToInt(PlantedFault::number)
                        .filter(number -> number > 0)
                        .distinct()
                        .count())
                .isGreaterThanOrEqualTo(10);
        assertThat(PlantedFault.notPlayed()).isNotEmpty();
    }

    private static void print(String text) throws IOException {
        Path folder = Path.of(System.getProperty("basedir", "."), "target");
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("simulation.txt"), text);
    }
}
