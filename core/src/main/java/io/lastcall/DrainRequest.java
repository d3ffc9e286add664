package io.lastcall;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Asks for a drain. Immutable.
 *
 * @param reason why, for logs and the report
 * @param within the whole budget from now; empty for the consumer's own. Where it meets a mode of {@link DrainMode#FINISH_ALL} that
 *     this request does not name itself, the mode becomes {@link DrainMode#FINISH_UNTIL_DEADLINE}
 * @param mode how; empty for the consumer's own
 */
public record DrainRequest(String reason, Optional<Duration> within, Optional<DrainMode> mode) {

    /** Refuses a negative budget. */
    public DrainRequest {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(mode, "mode");
        within.ifPresent(it -> Settings.atLeast("within", it, Duration.ZERO));
    }

    /**
     * As the consumer's settings say.
     *
     * @param reason why
     * @return the request
     */
    public static DrainRequest because(String reason) {
        return new DrainRequest(reason, Optional.empty(), Optional.empty());
    }

    /**
     * The same with a budget.
     *
     * @param budget the whole time from now
     * @return a new request
     */
    public DrainRequest within(Duration budget) {
        return new DrainRequest(reason, Optional.of(budget), mode);
    }

    /**
     * The same with a mode.
     *
     * @param how the mode
     * @return a new request
     */
    public DrainRequest mode(DrainMode how) {
        return new DrainRequest(reason, within, Optional.of(how));
    }
}
