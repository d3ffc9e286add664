package io.lastcall.internal.runtime;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Workers;
import io.lastcall.memory.MemoryQueue;
import io.lastcall.message.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** The program that {@link ExitingHandlerTest} starts: its handler calls exit, and its shutdown hook drains. */
final class ExitingHandler {

    private ExitingHandler() {}

    /** The argument says what happens before the exit: nothing, or a drain without a deadline. */
    public static void main(String[] arguments) throws InterruptedException {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        MemoryQueue queue = MemoryQueue.of("exits", 1);
        MessageConsumer consumer = MessageConsumer.from(queue.source())
                .name("exits")
                .dropRejected()
                .workers(Workers.BEST)
                .drain(DrainSettings.within(Duration.ofMinutes(10)))
                .handle((message, context) -> {
                    entered.countDown();
                    gate.await();
                    System.exit(7);
                    return Outcome.accept();
                })
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> report(consumer.drain())));
        queue.publish(null, "one".getBytes(StandardCharsets.UTF_8));
        entered.await();
        if (arguments[0].equals("draining")) {
            var unused = consumer.beginDrain(DrainRequest.because("before").mode(DrainMode.FINISH_ALL));
        }
        gate.countDown();
    }

    private static void report(DrainReport report) {
        System.out.println("> abandoned " + report.counts().abandoned() + " stragglers "
                + report.stragglers().size());
        System.out.flush();
    }
}
