package io.lastcall;

import java.time.Duration;
import java.util.Optional;

/**
 * How a consumer drains unless a {@link DrainRequest} says otherwise. Every step counts down to one absolute deadline; the parts
 * below only cap single steps. Immutable.
 *
 * @param total the whole budget, from the request to the report
 * @param stopReceiving the most that the broker's confirmation may take; empty for a third of the total
 * @param finish the most that handlers get once receiving has stopped; empty for all that is left
 * @param reserve what is kept for flush, release and close; empty for 2 s or a tenth of the total, whichever is less
 * @param grace between telling a handler to end and abandoning it, taken from its time; empty for 1 s or a tenth of the total
 * @param mode what to do with what has not started; empty for what the source's lanes suggest
 * @param interrupt whether handlers that do not end when told are interrupted, half the grace later
 */
public record DrainSettings(
        Duration total,
        Optional<Duration> stopReceiving,
        Optional<Duration> finish,
        Optional<Duration> reserve,
        Optional<Duration> grace,
        Optional<DrainMode> mode,
        boolean interrupt) {

    /** Twenty-five seconds, to fit into the thirty that Kubernetes grants. */
    public static final DrainSettings DEFAULT = within(Duration.ofSeconds(25));

    /** Refuses negative parts, and parts that together exceed the total. */
    public DrainSettings {
        Settings.atLeast("drain.total", total, Duration.ZERO);
        stopReceiving.ifPresent(it -> Settings.atLeast("drain.stopReceiving", it, Duration.ZERO));
        finish.ifPresent(it -> Settings.atLeast("drain.finish", it, Duration.ZERO));
        reserve.ifPresent(it -> Settings.atLeast("drain.reserve", it, Duration.ZERO));
        grace.ifPresent(it -> Settings.atLeast("drain.grace", it, Duration.ZERO));
        Duration tail = reserve.orElse(defaultReserve(total));
        Duration parts = stopReceiving
                .orElse(Duration.ZERO)
                .plus(finish.orElse(Duration.ZERO))
                .plus(tail);
        if (parts.compareTo(total) > 0) {
            throw new IllegalArgumentException("drain.stopReceiving + drain.finish + drain.reserve = "
                    + stopReceiving.orElse(Duration.ZERO) + " + " + finish.orElse(Duration.ZERO) + " + " + tail
                    + ", must not exceed drain.total = " + total);
        }
        if (grace.isPresent() && grace.get().plus(tail).compareTo(total) > 0) {
            throw new IllegalArgumentException("drain.grace + drain.reserve = " + grace.get() + " + " + tail
                    + ", must not exceed drain.total = " + total);
        }
    }

    /**
     * The given budget, all else by default.
     *
     * @param total the whole budget; zero is legal and means: give back what can be given back at once
     * @return the settings
     */
    public static DrainSettings within(Duration total) {
        return new DrainSettings(
                total, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), true);
    }

    private static Duration defaultReserve(Duration total) {
        Duration tenth = total.dividedBy(10);
        return tenth.compareTo(Duration.ofSeconds(2)) < 0 ? tenth : Duration.ofSeconds(2);
    }

    /**
     * The same with a cap on the broker's confirmation.
     *
     * @param atMost the cap
     * @return new settings
     */
    public DrainSettings stopReceiving(Duration atMost) {
        return new DrainSettings(total, Optional.of(atMost), finish, reserve, grace, mode, interrupt);
    }

    /**
     * The same with a cap on the handlers' time.
     *
     * @param atMost the cap
     * @return new settings
     */
    public DrainSettings finish(Duration atMost) {
        return new DrainSettings(total, stopReceiving, Optional.of(atMost), reserve, grace, mode, interrupt);
    }

    /**
     * The same with another reserve.
     *
     * @param kept what is kept for flush, release and close
     * @return new settings
     */
    public DrainSettings reserve(Duration kept) {
        return new DrainSettings(total, stopReceiving, finish, Optional.of(kept), grace, mode, interrupt);
    }

    /**
     * The same with another grace.
     *
     * @param wait between telling a handler to end and abandoning it
     * @return new settings
     */
    public DrainSettings grace(Duration wait) {
        return new DrainSettings(total, stopReceiving, finish, reserve, Optional.of(wait), mode, interrupt);
    }

    /**
     * The same with a mode.
     *
     * @param how what to do with what has not started
     * @return new settings
     */
    public DrainSettings mode(DrainMode how) {
        return new DrainSettings(total, stopReceiving, finish, reserve, grace, Optional.of(how), interrupt);
    }

    /**
     * The same without interrupts: handlers are told by their context only.
     *
     * @return new settings
     */
    public DrainSettings withoutInterrupt() {
        return new DrainSettings(total, stopReceiving, finish, reserve, grace, mode, false);
    }

    /**
     * The reserve that holds for a budget.
     *
     * @param budget the whole budget of one request
     * @return the given reserve or the default one, never more than the budget
     */
    public Duration reserveOf(Duration budget) {
        return least(reserve.orElse(defaultReserve(budget)), budget);
    }

    /**
     * The grace that holds for a budget.
     *
     * @param budget the whole budget of one request
     * @return the given grace or the default one, never more than the budget without its reserve
     */
    public Duration graceOf(Duration budget) {
        Duration tenth = budget.dividedBy(10);
        Duration usual = least(tenth, Duration.ofSeconds(1));
        return least(grace.orElse(usual), budget.minus(reserveOf(budget)));
    }

    /**
     * The cap on the broker's confirmation that holds for a budget.
     *
     * @param budget the whole budget of one request
     * @return the given cap or a third of the budget
     */
    public Duration stopReceivingOf(Duration budget) {
        return least(stopReceiving.orElse(budget.dividedBy(3)), budget.minus(reserveOf(budget)));
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
