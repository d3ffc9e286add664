package io.lastcall.benchmarks.chaos;

/**
 * One thing that a handler told. Immutable.
 *
 * @param what begin or end
 * @param id the message
 * @param key its key
 * @param nanos when, by {@link System#nanoTime()}, which all processes of a machine share; always within the call of the handler
 */
record Step(What what, int id, int key, long nanos) {

    /** What a handler can tell. */
    enum What {
        STARTED,
        FINISHED,
        /** Ended without having done its work. */
        BROKEN
    }

    /** In words that {@link #of(String...)} reads. */
    String words() {
        return what + " " + id + " " + key + " " + nanos;
    }

    static Step of(String... words) {
        return new Step(
                What.valueOf(words[0]),
                Integer.parseInt(words[1]),
                Integer.parseInt(words[2]),
                Long.parseLong(words[3]));
    }
}
