package io.lastcall.testkit.simulation;

/** One kind of invariant, followed over a history in constant time for each event. Not thread-safe. */
abstract class Rule {

    protected final Traces traces;
    private final Checker checker;

    Rule(Traces traces, Checker checker) {
        this.traces = traces;
        this.checker = checker;
    }

    /** The event comes now; it is not yet in the traces. */
    abstract void see(Event event);

    protected void violated(String invariant, Event event, String text) {
        checker.violated(new Violation(invariant, text, event.at()));
    }
}
