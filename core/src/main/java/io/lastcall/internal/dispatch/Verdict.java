package io.lastcall.internal.dispatch;

import io.lastcall.message.Outcome;
import java.time.Duration;

/** The answer to an admission. */
public sealed interface Verdict {

    /** Asked for again from the beginning. */
    Verdict AGAIN = new Again();

    /** May start. */
    record Go() implements Verdict {}

    /** Is not to be handled: this is its outcome already. */
    record Answer(Outcome outcome) implements Verdict {}

    /** Cannot be said now. */
    record NotYet(Duration delay) implements Verdict {}

    /** The wait is over. */
    record Again() implements Verdict {}
}
