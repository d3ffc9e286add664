package io.lastcall.internal.dispatch;

import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.message.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a worker does outside of the floor's lock. Called on worker threads; none of it throws. */
public interface Duties<R> {

    /** Whether each delivery must be admitted before it may start. */
    boolean admits();

    /** Asks for admission of an ADMITTING entry; answered through {@link Admissions#admitted}, at once or later. */
    void admit(Entry<R> entry);

    /**
     * Handles a RUNNING entry.
     *
     * @return the ruled outcome, or null when {@link Conclusions#completed} will bring it
     */
    @Nullable
    Outcome handle(Entry<R> entry);

    /** Whether this outcome has to be made to hold before the broker is told, as by writing a dead letter. */
    boolean concludes(Outcome outcome);

    /** Whether a rejected delivery is dropped, since nothing keeps it. */
    boolean drops();

    /** Makes the outcome of a CONCLUDING entry hold; answered through {@link Conclusions#concluded}. */
    void conclude(Entry<R> entry);

    /** How to cancel what {@link #handle} left running; null where there is nothing to cancel. */
    @Nullable
    Runnable cancel(Entry<R> entry);

    /** Gives up an admission that came too late. */
    void giveUp(Entry<R> entry);

    /** A worker has met an error of the engine itself. */
    void broken(Throwable error);

    /** Tells the source. */
    void settle(LaneBook<R> lane, List<Entry<R>> run);
}
