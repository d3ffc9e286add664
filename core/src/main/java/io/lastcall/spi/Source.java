package io.lastcall.spi;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One subscription at one broker: the only interface an adapter must implement. It pushes deliveries into the lanes of its
 * {@link Intake} and tells the broker what became of them.
 *
 * <ul>
 *   <li><b>S1</b> {@code start} is called once, first; {@code stopReceiving} and {@code close} may overtake a start that hangs.
 *   <li><b>S2</b> Lanes are opened and batches offered by any thread until a {@code stopReceiving()} stage completes, never
 *       after.
 *   <li><b>S3</b> {@code stopReceiving()} may be called more than once; each stage completes when S2 holds, confirmed by the
 *       broker or the poll thread.
 *   <li><b>S4</b> {@code settle} is called at most once for a delivery, by any thread, until close; it does not block.
 *   <li><b>S5</b> Each settlement is answered once, settled or unsettled, as far as the protocol can tell, possibly before
 *       {@code settle} returns.
 *   <li><b>S6</b> {@code close} is called once, last; it flushes, and answers every open settlement in time.
 *   <li><b>S7</b> What was refused or never settled becomes available at the broker again.
 *   <li><b>S8</b> What a source holds unanswered is bounded for each lane ({@link LaneRules#bound()}).
 *   <li><b>S9</b> A source subtracts what it has asked for and not yet offered from the capacity it reads.
 *   <li><b>S10</b> A source waits only through its Intake, on the Intake's clock and threads, so that a simulation can run it.
 * </ul>
 *
 * @param <R> the receipt by which the adapter recognises a delivery
 */
public interface Source<R> {

    /**
     * Connects and begins to receive. May block; runs on a thread of its own.
     *
     * @param intake where deliveries go, for as long as this source lives
     * @throws Exception when it cannot stand; the consumer then drains and reports this cause
     */
    void start(Intake<R> intake) throws Exception;

    /**
     * Asks the broker to send no more. Does not block.
     *
     * @return completes when nothing more will be offered (S3); exceptionally when that cannot be known
     */
    CompletionStage<Void> stopReceiving();

    /**
     * Tells the broker what became of deliveries. Does not block: a source that must wait queues them.
     *
     * @param run settlements of one lane, those of one key in offer order; belongs to the source from now on
     */
    void settle(List<? extends Settlement<R>> run);

    /**
     * Extends the leases of held deliveries. Called only for lanes with a lease, never for two calls at once over one delivery.
     *
     * @param held deliveries of one lane
     * @return one answer for each, in the same order; a failed stage counts as unknown for all
     */
    default CompletionStage<List<Extension>> extend(List<Delivery<R>> held) {
        return CompletableFuture.completedFuture(Collections.nCopies(held.size(), Extension.UNKNOWN));
    }

    /**
     * Flushes settlements, answers those that are open, leaves and disconnects. May block; runs on a thread of its own, which is
     * left behind when it takes longer.
     *
     * @param atMost how long it may take
     * @throws Exception when it could not close in order; becomes a problem in the report
     */
    void close(Duration atMost) throws Exception;
}
