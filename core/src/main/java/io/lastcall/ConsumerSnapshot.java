package io.lastcall;

import java.util.Map;
import java.util.Set;

/**
 * One consistent reading of a consumer. Immutable. {@code counts.received() == held + settling + counts.ended()} always holds.
 *
 * @param name the consumer's name
 * @param state where it stands
 * @param counts what became of deliveries, over all runs of this consumer
 * @param held not yet told to the broker
 * @param settling told to the broker, not yet answered
 * @param running handlers at work, those of revoked and abandoned deliveries included
 * @param waiting deliveries in back-off
 * @param concurrency how many handlers may run at once
 * @param limit how many deliveries may be held
 * @param refusedOffers deliveries that came after receiving had stopped, or for a revoked lane
 * @param lateOutcomes outcomes that came after their delivery's fate was sealed
 * @param retriesInProcess tries beyond the first that were made in this process
 * @param dropped rejected without a dead letter, because {@code dropRejected} was set
 * @param paused the reasons for which it is paused
 * @param lanes what is held and settling by lane name, open lanes only
 */
public record ConsumerSnapshot(
        String name,
        ConsumerState state,
        Counts counts,
        long held,
        long settling,
        int running,
        int waiting,
        int concurrency,
        int limit,
        long refusedOffers,
        long lateOutcomes,
        long retriesInProcess,
        long dropped,
        Set<String> paused,
        Map<String, Long> lanes) {
    /** Copies sets and maps. */
    public ConsumerSnapshot {
        paused = Set.copyOf(paused);
        lanes = Map.copyOf(lanes);
    }
}
