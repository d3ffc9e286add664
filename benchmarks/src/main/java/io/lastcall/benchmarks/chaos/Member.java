package io.lastcall.benchmarks.chaos;

import io.lastcall.testkit.broker.BrokerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** One member of the group, in a JVM of its own, seen from outside. One thread at a time. */
final class Member {

    private static final long NOT_ASKED = Long.MIN_VALUE;

    private final String name;
    private final Duration budget;
    private final MemberLedger ledger;
    private final BrokerProcess process;
    private final CompletableFuture<Long> endNanos;

    /** When SIGTERM was sent; written by the directing thread. */
    private long askedNanos = NOT_ASKED;

    /** How it is about to end; written by the directing thread. */
    private History.Ending ending = History.Ending.BY_ITSELF;

    private Member(String name, Duration budget, MemberLedger ledger, BrokerProcess process) {
        this.name = name;
        this.budget = budget;
        this.ledger = ledger;
        this.process = process;
        this.endNanos = process.ended().thenApply(status -> System.nanoTime());
    }

    /** Starts it and waits until it takes signals. */
    static Member start(String name, RoundPlan plan, RoundQueue queue, Path folder, Consumer<Step> ear) {
        MemberLedger ledger = MemberLedger.open(name, ear);
        MemberPlan told = new MemberPlan(
                ledger.port(),
                queue.address(),
                queue.name(),
                plan.subscription(),
                plan.session(),
                plan.workers(),
                plan.handlerMicros(),
                plan.settleInterval(),
                plan.budget());
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-ea:io.lastcall...",
                MemberMain.class.getName()));
        words.addAll(told.words());
        BrokerProcess.Command command = new BrokerProcess.Command(
                name,
                words,
                Map.of("CLASSPATH", System.getProperty("java.class.path")),
                folder.resolve(name),
                Pattern.compile(MemberMain.READY, Pattern.LITERAL));
        try {
            return new Member(name, plan.budget(), ledger, BrokerProcess.start(command, Patience.LIMIT));
        } catch (RuntimeException e) {
            ledger.close();
            throw e;
        }
    }

    /** Completes when its first handler has started; never if it gets nothing. */
    CompletableFuture<Void> atWork() {
        return ledger.firstStep();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Sends SIGTERM and returns; the time that its drain has begins now. */
    void ask() {
        if (!process.isAlive()) {
            return;
        }
        ProcessHandle.of(process.pid()).ifPresent(handle -> {
            ending = History.Ending.ASKED;
            askedNanos = System.nanoTime();
            handle.destroy();
        });
    }

    /** Waits for the end of one that was asked; kills it when it is far too late. */
    void awaitEnd() {
        try {
            endNanos.get(budget.plus(Duration.ofSeconds(20)).toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            ending = History.Ending.STUCK;
            process.kill9();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of " + name + " cannot be seen", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.kill9();
        }
    }

    /** Sends SIGKILL. */
    void kill() {
        if (process.isAlive()) {
            ending = History.Ending.KILLED;
            process.kill9();
        }
    }

    /** Sends SIGSTOP. */
    void freeze() {
        process.suspend();
    }

    /** Sends SIGCONT. */
    void thaw() {
        process.resume();
    }

    /** What is known of it; to be asked when it has ended. */
    History history() throws Patience.OverException {
        long end = Patience.await(endNanos, "end of " + name);
        Patience.await(ledger.end(), "complete ledger of " + name);
        ledger.close();
        long over = askedNanos == NOT_ASKED ? 0 : Math.max(0, end - askedNanos - budget.toNanos());
        int status = Patience.await(process.ended(), "status of " + name);
        return new History(name, ledger.steps(), end, ending, status, ledger.report(), Duration.ofNanos(over));
    }
}
