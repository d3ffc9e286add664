package io.lastcall.memory;

import io.lastcall.spi.LaneRules;
import java.util.Objects;

/**
 * How a {@link MemoryQueue} is made. Immutable.
 *
 * @param name the queue's name, in message ids, logs and reports; not blank
 * @param capacity the most messages that wait in the queue; what consumers hold does not count, and what they give back may exceed
 *     it; at least one
 * @param deadLetters how many dead letters are kept, the newest ones; zero or more
 * @param rules how the queue's lane shows itself to consumers; {@link #RULES} unless a test wants another kind of broker
 */
public record MemorySettings(String name, int capacity, int deadLetters, LaneRules rules) {

    /**
     * No lease, and a release that is not free: what is given back when the process ends is gone with the queue, so a drain
     * finishes as much as it can unless it is told otherwise.
     */
    public static final LaneRules RULES = LaneRules.PLAIN.withCostlyRelease();

    /** Checks each value against its range. */
    public MemorySettings {
        if (name.isBlank()) {
            throw new IllegalArgumentException("name = \"" + name + "\", must not be blank");
        }
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity = " + capacity + ", must be at least 1");
        }
        if (deadLetters < 0) {
            throw new IllegalArgumentException("deadLetters = " + deadLetters + ", must be at least 0");
        }
        Objects.requireNonNull(rules, "rules");
        if (rules.lease().isPresent()) {
            throw new IllegalArgumentException(
                    "rules.lease = " + rules.lease() + ", must be empty: nothing is lent here");
        }
    }

    /**
     * A queue with a thousand dead letters and the usual rules.
     *
     * @param name the queue's name
     * @param capacity the most messages that wait
     */
    public MemorySettings(String name, int capacity) {
        this(name, capacity, 1_000, RULES);
    }

    /**
     * The same with room for so many dead letters.
     *
     * @param kept zero or more
     * @return new settings
     */
    public MemorySettings deadLetters(int kept) {
        return new MemorySettings(name, capacity, kept, rules);
    }

    /**
     * The same with other rules.
     *
     * @param lane how the lane shows itself
     * @return new settings
     */
    public MemorySettings rules(LaneRules lane) {
        return new MemorySettings(name, capacity, deadLetters, lane);
    }
}
