package io.lastcall.spi;

import java.util.Objects;

/**
 * A lane's name and which time it was given to us.
 *
 * @param name such as {@code orders-3}
 * @param epoch grows each time the broker gives the lane again
 */
public record LaneId(String name, long epoch) {
    /** Checks that the name is there. */
    public LaneId {
        Objects.requireNonNull(name, "name");
    }

    @Override
    public String toString() {
        return name + "#" + epoch;
    }
}
