package io.lastcall;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a drain does with deliveries that have started and with those that have not. */
public enum DrainMode {
    /** Finish everything that is held, however long it takes: retries wait out their back-off, dead letters are tried until written. */
    FINISH_ALL("full", 0),
    /** As {@link #FINISH_UNTIL_DEADLINE}, the highest priority first. An order, not a hardness. */
    FINISH_BY_PRIORITY("priority", 1),
    /** Finish as much as fits until the deadline, then give back the rest. */
    FINISH_UNTIL_DEADLINE("deadline", 1),
    /** Finish what has started, give back the rest at once. */
    FINISH_STARTED("reject", 2),
    /** Tell handlers at once, give back the rest, abandon what does not end in its grace. */
    STOP_NOW("hard", 3);

    private final String shortName;
    private final int hardness;

    DrainMode(String shortName, int hardness) {
        this.shortName = shortName;
        this.hardness = hardness;
    }

    /**
     * The name used in configuration.
     *
     * @return one of full, priority, deadline, reject, hard
     */
    public String shortName() {
        return shortName;
    }

    /**
     * Finds a mode by its short name.
     *
     * @param shortName as in configuration, in any case
     * @return the mode
     * @throws IllegalArgumentException when there is none of that name; lists those there are
     */
    public static DrainMode of(String shortName) {
        return Arrays.stream(values())
                .filter(mode -> mode.shortName.equals(shortName.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("drain mode = " + shortName + ", must be one of "
                        + Arrays.stream(values()).map(DrainMode::shortName).collect(Collectors.joining(", "))));
    }

    /**
     * The harder of two modes; of two equally hard ones the one that keeps an order.
     *
     * @param other the other mode
     * @return the one that holds when both are asked for
     */
    public DrainMode merge(DrainMode other) {
        if (hardness != other.hardness) {
            return hardness > other.hardness ? this : other;
        }
        return this == FINISH_BY_PRIORITY ? this : other;
    }

    /**
     * One step harder.
     *
     * @return the next mode, {@link #STOP_NOW} for itself
     */
    public DrainMode harder() {
        return switch (this) {
            case FINISH_ALL -> FINISH_UNTIL_DEADLINE;
            case FINISH_BY_PRIORITY, FINISH_UNTIL_DEADLINE -> FINISH_STARTED;
            case FINISH_STARTED, STOP_NOW -> STOP_NOW;
        };
    }

    /**
     * Whether what has not started may still start after the drain began.
     *
     * @return false for {@link #FINISH_STARTED} and {@link #STOP_NOW}
     */
    public boolean startsMore() {
        return hardness < FINISH_STARTED.hardness;
    }
}
