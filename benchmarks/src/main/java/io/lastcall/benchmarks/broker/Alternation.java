package io.lastcall.benchmarks.broker;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Plays contenders one after the other, again and again, in one JVM: what the machine does to one it does to all. Each begins a round as
 * often as the others. One thread.
 */
final class Alternation {

    private final PrintWriter people;
    private final int rounds;
    private final List<Named> contenders = new ArrayList<>();

    /** One way to do the work. */
    @FunctionalInterface
    interface Contender {
        Sample run() throws Exception;
    }

    private record Named(String name, Contender contender) {}

    Alternation(PrintWriter people, int rounds) {
        this.people = people;
        this.rounds = rounds;
    }

    Alternation add(String name, Contender contender) {
        contenders.add(new Named(name, contender));
        return this;
    }

    /** A round that is not measured, for the JVM to warm up, then the others. */
    Results play() throws Exception {
        Map<String, List<Sample>> samples = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            for (int i = 0; i < contenders.size(); i++) {
                Named next = contenders.get((i + round) % contenders.size());
                Sample sample = next.contender.run();
                people.printf(
                        Locale.ROOT,
                        "%s %-12s %,10.0f /s %8.1f us CPU %8.0f B%n",
                        round == 0 ? "warm-up" : "round " + round,
                        next.name,
                        sample.perSecond(),
                        sample.cpuMicros(),
                        sample.bytesPerMessage());
                people.flush();
                if (round > 0) {
                    samples.computeIfAbsent(next.name, it -> new ArrayList<>()).add(sample);
                }
            }
        }
        return new Results(samples);
    }
}
