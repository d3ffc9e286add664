package io.lastcall.testkit.simulation;

import io.lastcall.ConsumerState;
import io.lastcall.internal.account.Execution;
import io.lastcall.internal.account.Fate;
import io.lastcall.internal.account.Probe;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;

/** How often each move of the state machines was seen, and each pair of drain phase and incident. Not thread-safe. */
@SuppressWarnings("EnumOrdinal") // an index into our own arrays, which never leaves this object
public final class Coverage {

    /**
     * One line of the table.
     *
     * @param name a move such as {@code RUNNING -> CONCLUDING}, or a pair such as {@code FINISHING x REVOKE}
     * @param times how often it was seen
     */
    public record Count(String name, long times) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%,12d  %s", times, name);
        }
    }

    private static final List<ConsumerState> PHASES =
            List.of(ConsumerState.STOPPING_RECEIVE, ConsumerState.FINISHING, ConsumerState.CLOSING);

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

    Coverage() {}

    /**
     * Every move that is legal, and every pair.
     *
     * @return the counts, in the order of the state machines
     */
    public List<Count> counts() {
        List<Count> counts = new ArrayList<>();
        add(counts, Execution.values(), executions, Execution::mayBecome);
        add(counts, Fate.values(), fates, Fate::mayBecome);
        add(counts, ConsumerState.values(), states, ConsumerState::mayBecome);
        for (ConsumerState phase : PHASES) {
            for (Incident incident : Incident.values()) {
                counts.add(new Count(phase + " x " + incident, incidents[phase.ordinal()][incident.ordinal()]));
            }
        }
        return counts;
    }

    private static <S extends Enum<S>> void add(List<Count> counts, S[] all, long[][] seen, BiPredicate<S, S> legal) {
        for (S from : all) {
            for (S to : all) {
                if (legal.test(from, to)) {
                    counts.add(new Count(
                            from.getDeclaringClass().getSimpleName() + " " + from + " -> " + to,
                            seen[from.ordinal()][to.ordinal()]));
                }
            }
        }
    }

    /**
     * What was seen least often.
     *
     * @return the rarest move or pair
     */
    public Count rarest() {
        return Collections.min(counts(), Comparator.comparingLong(Count::times));
    }

    /**
     * The counts as lines of text.
     *
     * @return one line for each
     */
    public String table() {
        return counts().stream().map(Count::toString).collect(Collectors.joining("\n"));
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
