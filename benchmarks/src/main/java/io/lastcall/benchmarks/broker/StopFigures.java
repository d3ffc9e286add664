package io.lastcall.benchmarks.broker;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What stops took, and what was wrong with them. One thread. */
final class StopFigures {

    private final Map<String, List<Double>> millis = new LinkedHashMap<>();
    private long lost;
    private long repeated;
    private long interrupted;
    private long unclean;

    void took(String what, double took) {
        millis.computeIfAbsent(what, it -> new ArrayList<>()).add(took);
    }

    /** At the end of a round, when somebody has consumed what was left. */
    void check(int messages, Sample.Tally tally) {
        lost += messages - (tally.handled() - tally.violations());
        repeated += tally.violations();
    }

    void interrupted(long handlers) {
        interrupted += handlers;
    }

    void unclean(boolean report) {
        unclean += report ? 1 : 0;
    }

    void addTo(Map<String, Number> figures) {
        millis.forEach((what, took) -> {
            figures.put(
                    what + "Median",
                    Results.median(took.stream().mapToDouble(it -> it).toArray()));
            figures.put(what + "Max", Collections.max(took));
        });
        figures.put("lost", lost);
        figures.put("repeated", repeated);
        figures.put("interrupted", interrupted);
        figures.put("unclean", unclean);
    }
}
