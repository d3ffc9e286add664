package io.lastcall.benchmarks.chaos;

import io.lastcall.benchmarks.chaos.Patience.OverException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Does to members and broker what the plan says, when its moments come. For the thread that directs the round. */
final class Faults {

    private final RoundPlan plan;
    private final ChaosBroker broker;
    private final RoundLedger ledger;
    private final Members members;

    Faults(RoundPlan plan, ChaosBroker broker, RoundLedger ledger, Members members) {
        this.plan = plan;
        this.broker = broker;
        this.ledger = ledger;
        this.members = members;
    }

    /** Plays the whole plan; at its end at least one member lives that nothing happened to. */
    void happen() throws OverException {
        List<Member> first = members.start(plan.members());
        for (Member member : first) {
            Patience.await(member.atWork(), "work for a member");
        }
        ledger.gathers();
        switch (plan.kind()) {
            case TERM -> endOneAfterTheOther(first);
            case ROLLING -> endOneAfterTheOther(first);
            case KILL -> kill(first);
            case BROKER -> killBroker(first);
            case STORM -> storm();
            case FREEZE -> freeze(first);
        }
    }

    private void endOneAfterTheOther(List<Member> first) throws OverException {
        List<Member> alive = new ArrayList<>(first);
        for (int strike : plan.strikes()) {
            reach(strike);
            Member leaving = alive.remove(0);
            leaving.ask();
            if (!plan.eager()) {
                leaving.awaitEnd();
            }
            alive.add(members.start());
            leaving.awaitEnd();
        }
    }

    private void kill(List<Member> first) throws OverException {
        for (int i = 0; i < plan.strikes().size(); i++) {
            reach(plan.strikes().get(i));
            CompletableFuture<Member> successor = plan.eager() ? members.begin() : null;
            first.get(i % first.size()).kill();
            if (successor == null) {
                successor = members.begin();
            }
            Patience.await(successor, "successor");
        }
    }

    /** The broker is away for a while; where the plan says so, a member must end meanwhile. */
    private void killBroker(List<Member> first) throws OverException {
        reach(plan.strikes().get(0));
        broker.kill9();
        if (plan.eager()) {
            first.get(0).ask();
        }
        Patience.pass(plan.pauses().get(0));
        broker.startAgain();
        if (plan.eager()) {
            first.get(0).awaitEnd();
            members.start();
        }
    }

    /** All join at once. Each leaves a moment later: one after it got work, the next one be it in the middle of its own start. */
    private void storm() throws OverException {
        reach(plan.strikes().get(0));
        List<CompletableFuture<Member>> joining = new ArrayList<>();
        for (int i = 0; i < plan.strikes().size(); i++) {
            joining.add(members.begin());
        }
        for (int i = 0; i < joining.size(); i++) {
            Member member = Patience.await(joining.get(i), "new member");
            if (i % 2 == 0) {
                Patience.await(
                        member.atWork().applyToEither(ledger.all(), Function.identity()), "work for a new member");
            }
            Patience.pass(plan.pauses().get(i));
            member.ask();
        }
        for (CompletableFuture<Member> each : joining) {
            each.join().awaitEnd();
        }
    }

    private void freeze(List<Member> first) throws OverException {
        reach(plan.strikes().get(0));
        Member frozen = first.get(0);
        frozen.freeze();
        try {
            Duration longer = plan.session().multipliedBy(5).dividedBy(4);
            Patience.pass(longer.plus(plan.pauses().get(0)));
        } finally {
            frozen.thaw();
        }
    }

    private void reach(int handled) throws OverException {
        Patience.await(ledger.handled(handled), "moment after " + handled + " handled messages");
    }
}
