package io.lastcall.testkit.simulation;

import io.lastcall.ConsumerState;
import io.lastcall.internal.account.Execution;
import io.lastcall.internal.account.Fate;
import io.lastcall.internal.account.Probe;

/** How often each move of the state machines was seen, and each pair of drain phase and event. Not thread-safe. */
final class Coverage {

    /** What is made to happen in each phase of a drain. */
    enum Incident {
        REVOKE,
        LEASE_LAPSE,
        SETTLE_FAILURE,
        CAPACITY_CHANGE,
        SECOND_DRAIN,
        SOURCE_FAILURE
    }

    private final long[][] executions = new long[Execution.values().length][Execution.values().length];
    private final long[][] fates = new long[Fate.values().length][Fate.values().length];
    private final long[][] states = new long[ConsumerState.values().length][ConsumerState.values().length];
    private final long[][] incidents = new long[ConsumerState.values().length][Incident.values().length];

    /** Counts moves; after each one others may act, where no lock is held. */
    Probe interleaving(Scheduler scheduler) {
        return new Probe() {
            @Override
            public void moved(Execution from, Execution to) {
                executions[from.ordinal()][to.ordinal()]++;
                // Between this move and the handler's first line nothing can be told from outside.
                if (to != Execution.RUNNING) {
                    scheduler.interleave();
                }
            }

            @Override
            public void moved(Fate from, Fate to) {
                fates[from.ordinal()][to.ordinal()]++;
            }
        };
    }

    void moved(ConsumerState from, ConsumerState to) {
        states[from.ordinal()][to.ordinal()]++;
    }

    void happened(ConsumerState phase, Incident incident) {
        incidents[phase.ordinal()][incident.ordinal()]++;
    }

    void add(Coverage other) {
        add(executions, other.executions);
        add(fates, other.fates);
        add(states, other.states);
        add(incidents, other.incidents);
    }

    private static void add(long[][] to, long[][] from) {
        for (int i = 0; i < to.length; i++) {
            for (int j = 0; j < to[i].length; j++) {
                to[i][j] += from[i][j];
            }
        }
    }
}
