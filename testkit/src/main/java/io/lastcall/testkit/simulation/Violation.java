package io.lastcall.testkit.simulation;

/**
 * Something that must not have happened. Immutable.
 *
 * @param invariant its number, such as {@code H8}
 * @param text what happened instead
 * @param at when, in nanoseconds since the history began
 */
public record Violation(String invariant, String text, long at) {
    @Override
    public String toString() {
        return invariant + " at " + at / 1_000 + " us: " + text;
    }
}
