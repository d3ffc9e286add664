package io.lastcall.benchmarks.broker;

import java.util.OptionalInt;

/**
 * How much a bench does. Immutable.
 *
 * @param messages how many messages a run handles; empty for the bench's own number
 * @param rounds how often each contender is measured; empty for the bench's own number
 */
public record Size(OptionalInt messages, OptionalInt rounds) {

    int messages(int usual) {
        return messages.orElse(usual);
    }

    int rounds(int usual) {
        return rounds.orElse(usual);
    }
}
