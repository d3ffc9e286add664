package io.lastcall.internal.account;

import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.RevokeReason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What is held of one lane, in offer order, with its counts. Not thread-safe: all but the final fields guarded by the floor's lock. */
public final class LaneBook<R> {

    public final LaneId id;
    public final LaneRules rules;
    public final Tally tally = new Tally();
    public final Surroundings surroundings;
    private final Tally sum;

    /** Completes when nothing of the lane is held or inside a settle call, once it is revoked. */
    public final CompletableFuture<Void> finished = new CompletableFuture<>();

    /** Why the lane was taken away; null while it is ours. */
    public @Nullable RevokeReason revoked;

    public boolean fenced;
    /** What the two numbers of the revocation were when it began. */
    public int unstartedAtRevoke;

    public int runningAtRevoke;
    /** Settle calls that have not returned. */
    public int settleCalls;
    /** A read of no capacity armed the signal (I11). */
    public boolean armed;
    /** Decided and about to be told, collected under the lock and told after it. */
    private List<Entry<R>> telling = new ArrayList<>();

    private @Nullable Entry<R> first;
    private @Nullable Entry<R> last;

    /** What an entry asks of its run. */
    public interface Surroundings {
        /** How long handlers have until they are asked to end, in nanoseconds; Long.MAX_VALUE while nothing limits them. */
        long handlersHave();

        /** Null in production. */
        @Nullable
        Probe probe();
    }

    public LaneBook(LaneId id, LaneRules rules, Tally sum, Surroundings surroundings) {
        this.id = id;
        this.rules = rules;
        this.sum = sum;
        this.surroundings = surroundings;
    }

    /** Takes a delivery in, HELD. */
    public void enter(Entry<R> entry) {
        tally.enter();
        sum.enter();
        entry.before = last;
        if (last == null) {
            first = entry;
        } else {
            last.after = entry;
        }
        last = entry;
    }

    /** Moves a fate and all counts with it; a final fate takes the entry out of the lane. */
    public void move(Entry<R> entry, Fate to) {
        Fate from = entry.become(to);
        tally.move(from, to);
        sum.move(from, to);
        if (to != Fate.SETTLING) {
            unlink(entry);
        }
    }

    private void unlink(Entry<R> entry) {
        Entry<R> before = entry.before;
        Entry<R> after = entry.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.before = before;
        }
        // A dead entry that still pointed at live ones would drag them into the old generation.
        entry.before = null;
        entry.after = null;
    }

    /** Moves HELD to SETTLING; the entry will be in the next {@link #takeTelling()}. */
    public void tell(Entry<R> entry) {
        move(entry, Fate.SETTLING);
        telling.add(entry);
    }

    /** What was decided since the last call, which the caller settles. */
    public List<Entry<R>> takeTelling() {
        List<Entry<R>> taken = telling;
        telling = new ArrayList<>();
        return taken;
    }

    public boolean hasTelling() {
        return !telling.isEmpty();
    }

    /** Whether the broker has taken the lane away. */
    public boolean isRevoked() {
        return revoked != null;
    }

    /** Whether a revocation has nothing left to wait for. */
    public boolean isQuiet() {
        return tally.held() == 0 && settleCalls == 0 && telling.isEmpty();
    }

    /** A copy of what is held or settling, in offer order. */
    public List<Entry<R>> entries() {
        List<Entry<R>> entries = new ArrayList<>(tally.held() + tally.settling());
        for (Entry<R> entry = first; entry != null; entry = entry.after) {
            entries.add(entry);
        }
        return entries;
    }
}
