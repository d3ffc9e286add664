package io.lastcall.testkit.simulation;

import java.util.List;

/**
 * The only source of chance in a schedule: the same seed gives the same throws on every JVM. A counter through a 64-bit mixer. Not
 * thread-safe.
 */
final class Dice {

    private long counter;

    Dice(long seed) {
        this.counter = mix(seed);
    }

    private static long mix(long it) {
        long z = (it ^ (it >>> 32)) * 0xD6E8FEB86659FD93L;
        z = (z ^ (z >>> 29)) * 0x9FB21C651E98DF25L;
        return z ^ (z >>> 32);
    }

    private long next() {
        counter += 0x9E3779B97F4A7C15L;
        return mix(counter);
    }

    /** From 0 to below the bound. */
    int below(int bound) {
        return (int) ((next() >>> 33) % bound);
    }

    boolean oneIn(int n) {
        return below(n) == 0;
    }

    boolean percent(int chance) {
        return below(100) < chance;
    }

    /** Both ends included. */
    int between(int least, int most) {
        return least + below(most - least + 1);
    }

    /** From 0 (included) to 1 (excluded). */
    double unit() {
        return (next() >>> 11) * 0x1.0p-53;
    }

    /** Of each magnitude equally often, both ends roughly included; both positive. */
    long magnitude(long least, long most) {
        double low = Math.log((double) least);
        return (long) Math.exp(low + unit() * (Math.log((double) most) - low));
    }

    @SafeVarargs
    final <T> T of(T... choices) {
        return choices[below(choices.length)];
    }

    <T> T of(List<T> choices) {
        return choices.get(below(choices.size()));
    }
}
