package io.lastcall.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** The real poll loop under the real engine, stepped by seeds over a simulated client. */
class KafkaSimulationTest {

    private static final long FIRST = Long.getLong("lastcall.kafka.simulation.first", 1);
    private static final long SCHEDULES = Long.getLong("lastcall.kafka.simulation.schedules", 100_000);
    private static final Logger OURS = (Logger) LoggerFactory.getLogger("io.lastcall");

    @BeforeAll
    static void silence() {
        if (SCHEDULES > 1) { // a single seed is played to be read
            OURS.setLevel(Level.OFF);
        }
    }

    @AfterAll
    static void speak() {
        OURS.setLevel(Level.DEBUG);
    }

    @Test
    void every_schedule_keeps_the_rules() throws Exception {
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        AtomicLong next = new AtomicLong(FIRST);
        List<Thread> players = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Thread player = new Thread(() -> {
                for (long seed = next.getAndIncrement();
                        seed < FIRST + SCHEDULES && failures.size() < 20;
                        seed = next.getAndIncrement()) {
                    List<String> violations = SimulatedRound.play(seed, Plant.NONE);
                    if (!violations.isEmpty()) {
                        failures.add("seed " + seed + ": " + violations);
                    }
                }
            });
            player.start();
            players.add(player);
        }
        for (Thread player : players) {
            player.join();
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void the_same_seed_plays_the_same() {
        for (long seed = 1; seed < 50; seed++) {
            assertThat(SimulatedRound.play(seed, Plant.COMMIT_PAST_A_GAP))
                    .isEqualTo(SimulatedRound.play(seed, Plant.COMMIT_PAST_A_GAP));
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void a_planted_fault_is_found(Plant plant) {
        long seed = 1;
        while (seed < SCHEDULES && SimulatedRound.play(seed, plant).isEmpty()) {
            seed++;
        }
        assertThat(seed).as("%s was not found", plant).isLessThan(SCHEDULES);
        System.out.println(plant + " found by seed " + seed + ": "
                + SimulatedRound.play(seed, plant).get(0));
    }
}
