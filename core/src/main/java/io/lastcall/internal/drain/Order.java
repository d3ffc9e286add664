package io.lastcall.internal.drain;

import io.lastcall.DrainMode;
import io.lastcall.DrainSettings;
import io.lastcall.internal.dispatch.Nanos;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What all requests so far ask for together, as absolute times of the monotonic clock. Immutable.
 *
 * @param reason why the first one asked
 * @param mode the hardest mode
 * @param failure what broke, where nobody asked
 * @param begun when the first request came
 * @param stop until when the stop may be confirmed
 * @param tell when handlers are asked to end: the finish deadline
 * @param interrupt when they are interrupted
 * @param abandon when they are given up: the reserve begins
 * @param end when the report is due
 * @param reserve how long flush and close may take, in nanoseconds
 */
public record Order(
        String reason,
        DrainMode mode,
        @Nullable Throwable failure,
        long begun,
        long stop,
        long tell,
        long interrupt,
        long abandon,
        long end,
        long reserve) {

    /** The order of one request that comes now. */
    public static Order of(
            String reason,
            DrainMode mode,
            @Nullable Throwable failure,
            DrainSettings settings,
            Duration budget,
            long now) {
        long end = now + Nanos.of(budget);
        long reserve = Nanos.of(settings.reserveOf(budget));
        long grace = Nanos.of(settings.graceOf(budget));
        long abandon = end - reserve;
        long tell = abandon - grace;
        if (mode == DrainMode.STOP_NOW) {
            tell = now;
            abandon = Math.min(abandon - now, grace) + now;
        }
        long stop = now + Nanos.of(settings.stopReceivingOf(budget));
        if (mode == DrainMode.FINISH_ALL) {
            long never = now + Nanos.MOST;
            return new Order(reason, mode, failure, now, stop, never, never, never, never, reserve);
        }
        return new Order(reason, mode, failure, now, stop, tell, tell + grace / 2, abandon, end, reserve);
    }

    /** Both together: the earliest times, the hardest mode, the first reason. */
    public Order merge(Order later) {
        return new Order(
                reason,
                mode.merge(later.mode),
                failure == null ? later.failure : failure,
                begun,
                first(stop, later.stop),
                first(tell, later.tell),
                first(interrupt, later.interrupt),
                first(abandon, later.abandon),
                first(end, later.end),
                Math.min(reserve, later.reserve));
    }

    /** The same with the handlers' time ending no later than this. */
    Order tellBy(long at, long grace) {
        if (tell - at <= 0) {
            return this;
        }
        return new Order(
                reason, mode, failure, begun, stop, at, at + grace / 2, first(abandon, at + grace), end, reserve);
    }

    /** Whether handlers have no deadline. */
    boolean finishesAll() {
        return mode == DrainMode.FINISH_ALL;
    }

    private static long first(long one, long other) {
        return one - other <= 0 ? one : other;
    }
}
