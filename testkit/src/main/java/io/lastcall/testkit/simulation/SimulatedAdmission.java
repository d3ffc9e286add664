package io.lastcall.testkit.simulation;

import io.lastcall.internal.consumer.Admission;
import io.lastcall.internal.dispatch.Verdict;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.testkit.simulation.Event.Admitted;
import io.lastcall.testkit.simulation.Event.Kind;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Claims and permits: granted now or late, put off, or answered. Not thread-safe. */
class SimulatedAdmission implements Admission<Ticket> {

    protected final World world;

    SimulatedAdmission(World world) {
        this.world = world;
    }

    @Override
    public CompletionStage<Verdict> admit(Delivery<Ticket> delivery) {
        Ticket ticket = delivery.receipt();
        world.mustBe(Place.WORKER, "an admission is asked for");
        world.record(Kind.ADMISSION_ASKED, ticket.lane.run(), ticket.id, 0, world.scheduler.place());
        world.scheduler.interleave();
        CompletableFuture<Verdict> answer = new CompletableFuture<>();
        if (world.percent(world.scenario.admissionLate)) {
            world.scheduler.after(world.dice.magnitude(1_000, 500_000_000), () -> answer(ticket, answer));
        } else {
            answer(ticket, answer);
        }
        return answer;
    }

    private void answer(Ticket ticket, CompletableFuture<Verdict> answer) {
        Admitted says = Admitted.GO;
        if (world.percent(world.scenario.admissionNotYet)) {
            says = Admitted.NOT_YET;
        } else if (world.percent(world.scenario.admissionAnswers)) {
            says = world.dice.of(Admitted.ACCEPT, Admitted.REJECT);
        }
        world.record(Kind.ADMISSION_ANSWERED, ticket.lane.run(), ticket.id, 0, says);
        if (says == Admitted.NOT_YET && world.dice.oneIn(4)) {
            answer.completeExceptionally(new Quiet("the store is down"));
            return;
        }
        answer.complete(
                switch (says) {
                    case GO -> new Verdict.Go();
                    case NOT_YET -> new Verdict.NotYet(Duration.ofNanos(world.dice.magnitude(10_000, 5_000_000_000L)));
                    case ACCEPT -> new Verdict.Answer(Outcome.accept());
                    case REJECT -> new Verdict.Answer(Outcome.reject("does not match"));
                });
    }

    @Override
    public void giveUp(Delivery<Ticket> delivery) {
        Ticket ticket = delivery.receipt();
        world.mustBe(Place.WORKER, "an admission is given up");
        world.record(Kind.GIVEN_UP, ticket.lane.run(), ticket.id, 0, null);
    }
}
