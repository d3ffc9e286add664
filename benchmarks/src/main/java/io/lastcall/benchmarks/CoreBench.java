package io.lastcall.benchmarks;

import com.sun.management.ThreadMXBean;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.Workers;
import io.lastcall.message.Outcome;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/** What the engine costs from offer to settled: in-memory lane, handler that does nothing, per-record accounting, key order. */
final class CoreBench {

    private static final int WARM_UP = 3;
    private static final int ROUNDS = 5;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** The median of several rounds. */
    record Cost(double nanosPerMessage, double bytesPerMessage) {}

    private CoreBench() {}

    static Cost measure(int messages, int keys, int concurrency, int limit) throws InterruptedException {
        double[] nanos = new double[ROUNDS];
        double[] bytes = new double[ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            Cost cost = round(messages, keys, concurrency, limit);
            if (round >= 0) {
                nanos[round] = cost.nanosPerMessage;
                bytes[round] = cost.bytesPerMessage;
            }
        }
        return new Cost(median(nanos), median(bytes));
    }

    private static Cost round(int messages, int keys, int concurrency, int limit) throws InterruptedException {
        PresetSource source = new PresetSource(messages, keys);
        MessageConsumer consumer = MessageConsumer.from(source)
                .name("bench")
                .concurrency(concurrency)
                .limit(limit)
                .ordering(Ordering.byKey())
                .workers(Workers.PLATFORM)
                .dropRejected()
                .handle((message, context) -> Outcome.accept());
        long allocated = allocated();
        long begun = System.nanoTime();
        consumer.start();
        source.awaitAll();
        long took = System.nanoTime() - begun;
        long grown = allocated() - allocated;
        consumer.close();
        return new Cost((double) took / messages, (double) grown / messages);
    }

    /** Bytes allocated by all live threads; the threads of a round are alive until its close. */
    private static long allocated() {
        return Arrays.stream(THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds()))
                .filter(bytes -> bytes > 0)
                .sum();
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
