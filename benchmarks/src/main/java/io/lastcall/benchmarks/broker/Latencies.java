package io.lastcall.benchmarks.broker;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** How long each message took from its sending to its first handling. Safe for any thread. */
final class Latencies {

    private final AtomicIntegerArray micros;

    Latencies(int messages) {
        micros = new AtomicIntegerArray(messages);
    }

    /** In the handling of a message. */
    void saw(byte[] body) {
        int took = (int) ((System.nanoTime() - MadeBody.sentNanos(body)) / 1_000);
        micros.compareAndSet(MadeBody.Strand.MESSAGE.number(body), 0, Math.max(1, took));
    }

    /** So many of a hundred took no longer; of those that were handled. */
    double percentileMillis(double percent) {
        int[] all = new int[micros.length()];
        Arrays.setAll(all, micros::get);
        int[] seen = Arrays.stream(all).filter(it -> it > 0).sorted().toArray();
        if (seen.length == 0) {
            throw new IllegalStateException("nothing was handled");
        }
        int place = (int) Math.ceil(seen.length * percent / 100) - 1;
        return seen[Math.max(0, place)] / 1e3;
    }
}
