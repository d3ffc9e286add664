package io.lastcall.spi;

import java.util.concurrent.CompletionStage;

/** A lane that is being taken away, as a partial drain. Safe for any thread. */
public interface Revocation {

    /**
     * How many deliveries had not started and were dropped; the next owner gets them.
     *
     * @return the number
     */
    int unstarted();

    /**
     * How many deliveries were with their handlers when the lane was revoked.
     *
     * @return the number
     */
    int running();

    /**
     * Completes when no delivery of the lane is held or inside a settle call, or when a drain's finish deadline has come. What
     * settles may be committed then.
     *
     * @return a stage that never fails
     */
    CompletionStage<Void> finished();

    /**
     * Ends the wait: late outcomes of this lane are counted and dropped from now on, their handlers are told. Answers to what is
     * settling are still taken. Calling it again changes nothing.
     *
     * @return how many deliveries were cut off
     */
    int fence();
}
