package io.lastcall.internal.consumer;

import io.lastcall.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs problems, tells listeners, and keeps those of the drain for its report, up to a bound. Safe for any thread. */
final class Problems implements Consumer<Problem> {

    private static final Logger log = LoggerFactory.getLogger(Problems.class);
    private static final int KEPT = 100;
    /** Where a handler's own failures belong; their deliveries stand in the counts, so they make no report unclean. */
    static final String HANDLER = "handler";

    private final String consumer;
    private final Consumer<Problem> listeners;
    private final List<Problem> kept = new ArrayList<>();
    /** Guarded by this. */
    private boolean keeping;
    /** Guarded by this. */
    private int beyond;

    Problems(String consumer, Consumer<Problem> listeners) {
        this.consumer = consumer;
        this.listeners = listeners;
    }

    @Override
    public void accept(Problem problem) {
        log.warn("consumer={} problem={} {}", consumer, problem.where(), problem.what(), problem.cause());
        if (!problem.where().equals(HANDLER)) {
            keep(problem);
        }
        listeners.accept(problem);
    }

    private synchronized void keep(Problem problem) {
        if (keeping && kept.size() < KEPT) {
            kept.add(problem);
        } else if (keeping) {
            beyond++;
        }
    }

    /** From now on they belong into the report. */
    synchronized void keep() {
        keeping = true;
    }

    synchronized List<Problem> kept() {
        List<Problem> all = new ArrayList<>(kept);
        if (beyond > 0) {
            all.add(new Problem("report", beyond + " more problems are in the log", null));
        }
        return all;
    }
}
