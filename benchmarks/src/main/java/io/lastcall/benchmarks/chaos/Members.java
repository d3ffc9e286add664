package io.lastcall.benchmarks.chaos;

import io.lastcall.benchmarks.chaos.Patience.OverException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** All members that a round ever had. For the thread that directs the round. */
final class Members {

    private final Function<String, Member> starter;
    private final Executor threads;
    private final List<CompletableFuture<Member>> all = new ArrayList<>();

    /**
     * None yet.
     *
     * @param starter starts one by its name
     * @param threads where starts are waited for, so that several JVMs start at once
     */
    Members(Function<String, Member> starter, Executor threads) {
        this.starter = starter;
        this.threads = threads;
    }

    /** Begins to start one. */
    CompletableFuture<Member> begin() {
        String name = "member-" + (all.size() + 1);
        CompletableFuture<Member> member = CompletableFuture.supplyAsync(() -> starter.apply(name), threads);
        all.add(member);
        return member;
    }

    /** Starts one. */
    Member start() throws OverException {
        return Patience.await(begin(), "new member");
    }

    /** Starts several at once. */
    List<Member> start(int count) throws OverException {
        List<CompletableFuture<Member>> begun = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            begun.add(begin());
        }
        List<Member> started = new ArrayList<>();
        for (CompletableFuture<Member> each : begun) {
            started.add(Patience.await(each, "new member"));
        }
        return started;
    }

    /** Asks all to end, at once, and waits for them. */
    void end() throws OverException {
        List<Member> alive = new ArrayList<>();
        for (CompletableFuture<Member> each : all) {
            alive.add(Patience.await(each, "member to be ended"));
        }
        alive.removeIf(member -> !member.isAlive());
        alive.forEach(Member::ask);
        alive.forEach(Member::awaitEnd);
    }

    List<History> histories() throws OverException {
        List<History> histories = new ArrayList<>();
        for (CompletableFuture<Member> each : all) {
            histories.add(Patience.await(each, "member to be looked at").history());
        }
        return histories;
    }

    /** Leaves no process behind, whatever happened before. */
    void killAll() {
        for (CompletableFuture<Member> each : all) {
            var unused = each.thenAccept(Member::kill);
        }
    }
}
