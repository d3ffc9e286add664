package io.lastcall.testkit.simulation;

import java.util.ArrayList;
import java.util.List;

/**
 * Says which invariants a history breaks, in one pass. Knows nothing of the engine: it reads what was seen from outside. Not
 * thread-safe.
 */
final class Checker {

    private static final int MOST = 20;

    private final List<Violation> violations = new ArrayList<>();

    private Checker() {}

    /** Checks a history. */
    static List<Violation> check(List<Event> events) {
        Checker checker = new Checker();
        Traces traces = new Traces();
        List<Rule> rules = List.of(
                new SettleRules(traces, checker),
                new StartRules(traces, checker),
                new OrderRules(traces, checker),
                new LeaseRules(traces, checker),
                new DrainRules(traces, checker),
                new ReportRules(traces, checker));
        for (Event event : events) {
            for (int i = 0; i < rules.size(); i++) {
                rules.get(i).see(event);
            }
            traces.add(event);
        }
        return checker.violations;
    }

    void violated(Violation violation) {
        if (violations.size() < MOST) {
            violations.add(violation);
        }
    }
}
