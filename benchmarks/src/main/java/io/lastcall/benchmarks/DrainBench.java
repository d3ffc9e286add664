package io.lastcall.benchmarks;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.message.Outcome;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAccumulator;

/** How long a drain takes beyond the longest handler it has to wait for. */
final class DrainBench {

    private static final int ROUNDS = 10;
    private static final int HANDLERS = 64;
    private static final int KEYS = 100_000;

    private DrainBench() {}

    /** Sixty-four handlers of 20 ms at work and a backlog of 50,000. */
    static Map<String, Number> stop() throws InterruptedException {
        return rounds(50_000, 20);
    }

    /** Ten thousand held, and sixty-four short handlers. */
    static Map<String, Number> drain() throws InterruptedException {
        return rounds(10_000, 1);
    }

    private static Map<String, Number> rounds(int messages, int handlerMillis) throws InterruptedException {
        double[] over = new double[ROUNDS];
        long repeated = 0;
        long unclean = 0;
        for (int round = -2; round < ROUNDS; round++) {
            LongAccumulator longest = new LongAccumulator(Math::max, 0);
            CountDownLatch busy = new CountDownLatch(HANDLERS);
            CountDownLatch never = new CountDownLatch(1);
            PresetSource source = new PresetSource(messages, KEYS);
            MessageConsumer consumer = MessageConsumer.from(source)
                    .name("bench")
                    .concurrency(HANDLERS)
                    .limit(messages)
                    .ordering(Ordering.byKey())
                    .dropRejected()
                    .handle((message, context) -> {
                        long begun = System.nanoTime();
                        busy.countDown();
                        if (never.await(handlerMillis, TimeUnit.MILLISECONDS)) {
                            throw new AssertionError("nobody opens this");
                        }
                        longest.accumulate(System.nanoTime() - begun);
                        return Outcome.accept();
                    })
                    .start();
            source.awaitOffered();
            busy.await();
            long begun = System.nanoTime();
            DrainReport report = consumer.beginDrain(
                            DrainRequest.because("bench").mode(DrainMode.FINISH_STARTED))
                    .toCompletableFuture()
                    .join();
            double took = (System.nanoTime() - begun) / 1e6;
            if (round >= 0) {
                over[round] = took - longest.get() / 1e6;
                unclean += report.clean() ? 0 : 1;
                repeated += report.lateOutcomes();
            }
        }
        Arrays.sort(over);
        Map<String, Number> figures = new LinkedHashMap<>();
        figures.put("rounds", ROUNDS);
        figures.put("held", messages);
        figures.put("handlers", HANDLERS);
        figures.put("handlerMillis", handlerMillis);
        figures.put("overMillisMedian", over[ROUNDS / 2]);
        figures.put("overMillisMax", over[ROUNDS - 1]);
        figures.put("repeated", repeated);
        figures.put("unclean", unclean);
        return figures;
    }
}
