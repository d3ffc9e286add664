package io.lastcall.internal.consumer;

import io.lastcall.internal.dispatch.Verdict;
import io.lastcall.spi.Delivery;
import java.util.concurrent.CompletionStage;

/**
 * Decides whether a delivery may start: an idempotency claim, a rate permit. Holds no thread and no slot while it decides. Called on
 * worker threads; must not block.
 */
public interface Admission<R> {

    /** Asks. A failed stage counts as not yet. */
    CompletionStage<Verdict> admit(Delivery<R> delivery);

    /** Gives up what was granted too late or is not needed. */
    void giveUp(Delivery<R> delivery);
}
