package io.lastcall.internal.runtime;

import io.lastcall.DrainMode;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import java.time.Duration;
import java.util.Optional;

/**
 * The one absolute deadline of a group's drain, and how much of it is whose. Requests merge to the earliest deadline and the
 * hardest mode. Control thread only.
 */
final class Budget {

    /** What a consumer may need past its deadline to write its report, before it is given up. */
    private static final long LAG = Duration.ofMillis(200).toNanos();

    private final DrainSettings settings;
    private final boolean keepsReserve;

    /** Control thread only. */
    private boolean set;
    /** Control thread only. */
    private long deadline;
    /** Kept for resources. Control thread only. */
    private long reserve;
    /** Empty while each consumer's own holds. Control thread only. */
    private Optional<DrainMode> mode = Optional.empty();

    Budget(DrainSettings settings, boolean keepsReserve) {
        this.settings = settings;
        this.keepsReserve = keepsReserve;
    }

    /** Takes in a request that was made at {@code asked}. */
    void merge(DrainRequest request, long asked) {
        Duration within = request.within().orElse(settings.total());
        long at = asked + nanos(within);
        if (!set || at - deadline < 0) {
            set = true;
            deadline = at;
            reserve = keepsReserve ? nanos(settings.reserveOf(within)) : 0;
        }
        request.mode()
                .or(settings::mode)
                .ifPresent(it -> mode = Optional.of(mode.map(it::merge).orElse(it)));
    }

    /** One step harder. Out of "finish all", whose deadline may be long past, the whole time begins anew. */
    void harden(long now) {
        boolean wasUnlimited = unlimited();
        mode = Optional.of(mode.orElse(DrainMode.FINISH_UNTIL_DEADLINE).harder());
        if (wasUnlimited) {
            deadline = now + nanos(settings.total());
        }
    }

    Optional<DrainMode> mode() {
        return mode;
    }

    /** Whether handlers have no deadline. */
    boolean unlimited() {
        return mode.filter(it -> it == DrainMode.FINISH_ALL).isPresent();
    }

    /** What consumers get. */
    Duration leftForConsumers(long now) {
        return Duration.ofNanos(Math.max(0, deadline - reserve - now));
    }

    /** When a consumer without a report is given up. With resources to close, the lag is taken from their reserve. */
    long givesUpAt() {
        return deadline - reserve + (keepsReserve ? Math.min(LAG, reserve / 2) : LAG);
    }

    /** Until when resources are waited for, once all consumers have ended. */
    long forResources(long now) {
        return unlimited() ? later(deadline, now + reserve) : deadline;
    }

    /** The nanoseconds of a duration; of a very long one so many that sums with the clock do not overflow. */
    static long nanos(Duration time) {
        Duration most = Duration.ofNanos(Long.MAX_VALUE / 4);
        return time.compareTo(most) < 0 ? time.toNanos() : most.toNanos();
    }

    private static long later(long one, long other) {
        return one - other >= 0 ? one : other;
    }
}
