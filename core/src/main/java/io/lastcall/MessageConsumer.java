package io.lastcall;

import io.lastcall.spi.SourceFactory;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Receives from one source, runs one handler, settles, and stops cleanly in two phases: first receiving stops, confirmed by the
 * broker; then what is held is finished or given back, by events, under one absolute deadline. Safe for any thread.
 *
 * <p>Every method that ends the consumer may be called in any order, from any thread, more than once, and while it is starting.
 */
public interface MessageConsumer extends AutoCloseable {

    /**
     * Begins to describe a consumer of this source.
     *
     * @param source the subscription
     * @param <R> the source's receipt
     * @return a builder for undecoded messages
     */
    static <R> ConsumerBuilder<byte[]> from(SourceFactory<R> source) {
        return ConsumerBuilder.of(source);
    }

    /**
     * The name given to the builder.
     *
     * @return the name
     */
    String name();

    /**
     * Starts and waits until the source stands. After {@link ConsumerState#CLOSED} it starts again on a fresh source; handlers
     * that an earlier run left behind keep their place and their key until they return.
     *
     * @return this
     * @throws IllegalStateException when it runs already, when it was drained before it stood, or when the source could not
     *     start; the source's error is the cause
     */
    MessageConsumer start();

    /**
     * Starts without waiting.
     *
     * @return completes when the source stands; exceptionally as {@link #start()} throws
     */
    CompletionStage<Void> beginStart();

    /**
     * Drains as the settings say and waits for the report, in spite of interrupts, which are passed on afterwards: what the caller
     * closes next may be what handlers still work with.
     *
     * @return what became of every delivery
     * @throws IllegalStateException when called from this consumer's own handler, which it would wait for: use
     *     {@link #beginDrain} there
     */
    DrainReport drain();

    /**
     * Begins to drain, or hardens a drain that is under way: requests merge to the earliest deadline and the hardest mode. Never
     * blocks, never throws.
     *
     * @param request how and by when
     * @return the report of this run, the same for every caller; never fails. Each caller has a stage of its own, whose dependents
     *     run on a thread that nothing waits for
     */
    CompletionStage<DrainReport> beginDrain(DrainRequest request);

    /**
     * The report, when this run has ended for whatever reason.
     *
     * @return what {@link #beginDrain} returns, without asking for a drain
     */
    CompletionStage<DrainReport> ended();

    /**
     * How the drain that is under way goes, so that one may ask for one step harder.
     *
     * @return the mode that holds now; empty when no drain is under way
     */
    Optional<DrainMode> drainMode();

    /**
     * Where the consumer stands.
     *
     * @return the stored state
     */
    ConsumerState state();

    /**
     * One consistent reading of all counts. Cheap: sums are kept, not scanned.
     *
     * @return the snapshot
     */
    ConsumerSnapshot snapshot();

    /**
     * Stops asking for more until every reason is resumed. What is held goes on; the place in the group is kept.
     *
     * @param reason a name of your choice, such as {@code operator}
     */
    void pause(String reason);

    /**
     * Takes one reason back.
     *
     * @param reason the name that {@link #pause} was given; unknown ones change nothing
     */
    void resume(String reason);

    /**
     * Changes how many handlers may run at once. The limit stays as it is: where it is smaller, raise it too.
     *
     * @see #changeLimit
     * @param concurrency from 1 to 100,000; running handlers are not touched when it shrinks
     */
    void changeConcurrency(int concurrency);

    /**
     * Changes how many deliveries may be held at once.
     *
     * @param limit from 1 to 10,000,000
     */
    void changeLimit(int limit);

    /** The same as {@link #drain()}, without the report. */
    @Override
    void close();
}
