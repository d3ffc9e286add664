package io.lastcall.internal.runtime;

import io.lastcall.ConsumerListener;
import io.lastcall.ConsumerRuntime;
import io.lastcall.ConsumerState;
import io.lastcall.DrainMode;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Problem;
import io.lastcall.memory.MemoryQueue;
import io.lastcall.message.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** The program that {@link RuntimeProcessTest} starts: says on its output what happens to it. */
final class RuntimeProcess {

    private RuntimeProcess() {}

    /** The argument is one of the cases below. */
    public static void main(String[] arguments) throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> say("telemetry flushed")));
        FakeConsumer orders = FakeConsumer.silent("orders");
        orders.stand();
        ConsumerRuntime runtime = ConsumerRuntime.of(orders)
                .drain(DrainSettings.within(Duration.ofSeconds(20)))
                .closing("pool", () -> say("pool closed"))
                .build();
        runtime.ready().thenRun(() -> say("ready"));
        switch (arguments[0]) {
            case "prompt" -> {
                orders.onDrain(orders::endClean);
                runtime.runToExit();
            }
            case "stubborn" -> {
                orders.mode = Optional.of(DrainMode.FINISH_STARTED);
                orders.onDrain(() -> stubborn(orders));
                runtime.runToExit();
            }
            case "failing" -> {
                runtime.ready().thenRun(() -> orders.fail(new IOException("broker is gone")));
                runtime.runToExit();
            }
            case "exits-elsewhere" -> {
                orders.onDrain(orders::endClean);
                runtime.ready().thenRun(() -> new Thread(() -> System.exit(7)).start());
                runtime.runToExit();
            }
            case "embedded" -> {
                orders.onDrain(orders::endClean);
                runtime.drainOnShutdown().start();
            }
            case "engine" -> engine(true);
            case "engine-hanging" -> engine(false);
            case "not-drained" -> runtime.start();
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    /** A real consumer whose one handler ends when the drain begins, or never. */
    private static void engine(boolean ends) {
        MemoryQueue queue = MemoryQueue.of("orders", 10);
        CountDownLatch draining = new CountDownLatch(ends ? 1 : 2);
        MessageConsumer consumer = MessageConsumer.from(queue.source())
                .name("orders")
                .listener(new ConsumerListener() {
                    @Override
                    public void stateChanged(String name, ConsumerState from, ConsumerState to) {
                        if (to == ConsumerState.STOPPING_RECEIVE) {
                            draining.countDown();
                        }
                    }
                })
                .handle((message, context) -> {
                    say("handling");
                    awaitDeafly(draining);
                    return Outcome.accept();
                });
        queue.tryPublish(null, null);
        ConsumerRuntime.of(consumer).build().runToExit();
    }

    private static void awaitDeafly(CountDownLatch latch) {
        while (true) {
            try {
                latch.await();
                return;
            } catch (InterruptedException e) {
                say("interrupted");
            }
        }
    }

    /** Ends only when it must, and then not clean. */
    private static void stubborn(FakeConsumer orders) {
        DrainRequest last = orders.requests.get(orders.requests.size() - 1);
        say("asked " + last.reason() + " " + last.mode().map(Object::toString).orElse("own"));
        if (last.mode().filter(it -> it == DrainMode.STOP_NOW).isPresent()) {
            orders.endWith(new Problem("handler", "left behind", null));
        }
    }

    private static void say(String what) {
        System.out.println("> " + what);
        System.out.flush();
    }
}
