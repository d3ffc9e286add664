package io.lastcall.testkit.contract;

import io.lastcall.message.Outcome;
import org.jspecify.annotations.Nullable;

/** One delivery in a {@link Ledger}. All fields are guarded by the ledger. */
final class Entry {

    /** What the source answered to a settlement. */
    enum Answer {
        SETTLED,
        REFUSED,
        UNKNOWN
    }

    final String body;
    final String lane;
    /** Whether the core took the offer. */
    boolean taken;
    /** Whether a lease extension is under way. */
    boolean extending;
    /** What the source was told, once it was. */
    @Nullable
    Outcome outcome;
    /** What it answered, once it did. */
    @Nullable
    Answer answer;

    Entry(String body, String lane) {
        this.body = body;
        this.lane = lane;
    }

    /** Whether the broker was told to forget the message. */
    boolean finishes() {
        return outcome instanceof Outcome.Accept || outcome instanceof Outcome.Reject;
    }

    @Override
    public String toString() {
        return body + " of " + lane + " (taken " + taken + ", told " + outcome + ", answer " + answer + ")";
    }
}
