package io.lastcall;

import java.time.Duration;

/**
 * What a {@link ConsumerRuntime} does when one of its consumers ends with a failure though nobody asked it to end, or cannot
 * start. Immutable.
 */
public sealed interface FailurePolicy {

    /**
     * Drains all the others, too; the runtime ends as failed.
     *
     * @return the policy
     */
    static FailurePolicy stopAll() {
        return new StopAll();
    }

    /**
     * Starts that consumer again on a fresh source, the others go on. The waits double, a fifth of each random. A run that stood
     * for at least {@code most} begins the count anew. When the last start has failed as well, the policy is {@link #stopAll()}.
     *
     * @param first the wait before the first new start; not negative
     * @param most the longest wait; at least {@code first}
     * @param maxTimes how many new starts in a row; at least 1
     * @return the policy
     * @throws IllegalArgumentException when a value is out of its range; names the setting, its value and the range
     */
    static FailurePolicy restart(Duration first, Duration most, int maxTimes) {
        return new Restart(first, most, maxTimes);
    }

    /** See {@link FailurePolicy#stopAll()}. */
    record StopAll() implements FailurePolicy {}

    /**
     * See {@link FailurePolicy#restart}.
     *
     * @param first the wait before the first new start
     * @param most the longest wait
     * @param maxTimes how many new starts in a row
     */
    record Restart(Duration first, Duration most, int maxTimes) implements FailurePolicy {
        /** Checks each value against its range. */
        public Restart {
            Settings.atLeast("restart.first", first, Duration.ZERO);
            Settings.atLeast("restart.most", most, first);
            Settings.within("restart.maxTimes", maxTimes, 1, Integer.MAX_VALUE);
        }
    }
}
