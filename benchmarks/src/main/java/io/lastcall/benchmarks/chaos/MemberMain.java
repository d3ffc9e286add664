package io.lastcall.benchmarks.chaos;

import io.lastcall.ConsumerBuilder;
import io.lastcall.ConsumerRuntime;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.RuntimeReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** A member of the group: the main class of a JVM of its own, which ends as an application does, by a signal. */
final class MemberMain {

    /** Printed when signals are taken. */
    static final String READY = "the member takes signals";

    private MemberMain() {}

    public static void main(String... words) throws IOException {
        MemberPlan plan = MemberPlan.of(words);
        LedgerPen pen = LedgerPen.open(plan.port());
        ConsumerRuntime runtime = ConsumerRuntime.of(consumer(plan, pen))
                .drain(DrainSettings.within(plan.budget()))
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> report(runtime, pen), "member-report"));
        runtime.onSignals();
        System.out.println(READY);
        runtime.runToExit();
    }

    private static MessageConsumer consumer(MemberPlan plan, LedgerPen pen) {
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "member-clock");
            thread.setDaemon(true);
            return thread;
        });
        ConsumerBuilder<byte[]> source = switch (plan.subscription().broker()) {
            case KAFKA -> KafkaRounds.consumer(plan);
            case SQS -> SqsRounds.consumer(plan);
            case RABBIT -> RabbitRounds.consumer(plan);
        };
        return source.name("member")
                .concurrency(plan.workers())
                .ordering(Ordering.byKey())
                .drain(DrainSettings.within(plan.budget()))
                .dropRejected()
                .decode(message -> new String(message.body(), StandardCharsets.US_ASCII))
                .handle(new SlowHandler(pen, clock, plan.handlerMicros()));
    }

    /** In a hook: the exit comes after the report, and nothing else waits for who hears of it. */
    private static void report(ConsumerRuntime runtime, LedgerPen pen) {
        @Nullable RuntimeReport report = runtime.done().toCompletableFuture().getNow(null);
        if (report == null) {
            return; // ended by somebody else; that there is no report is noticed
        }
        System.err.println(report.describe());
        try {
            CompletableFuture<Void> ready = runtime.ready().toCompletableFuture();
            pen.tell(MemberReport.of(report, ready.isDone() && !ready.isCompletedExceptionally()));
        } catch (IOException e) {
            System.err.println("the report could not be told: " + e);
        }
    }
}
