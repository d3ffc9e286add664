package io.lastcall.testkit.simulation;

import io.lastcall.message.DeadLetter;
import io.lastcall.spi.DeadLetterSink;
import io.lastcall.testkit.simulation.Event.Kind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Dead letters that are written, or not, now or later, or never answered. Not thread-safe. */
final class SimulatedLetters implements DeadLetterSink {

    private final World world;

    SimulatedLetters(World world) {
        this.world = world;
    }

    @Override
    public CompletionStage<Void> write(DeadLetter letter) {
        Ticket ticket = (Ticket) letter.message();
        world.mustBe(Place.WORKER, "a dead letter is written");
        world.record(Kind.LETTER_ASKED, ticket.lane.run(), ticket.id, letter.attempts(), world.scheduler.place());
        world.scheduler.interleave();
        CompletableFuture<Void> written = new CompletableFuture<>();
        if (world.percent(world.scenario.letterNever)) {
            return written;
        }
        boolean fails = world.percent(world.scenario.letterFails);
        if (world.percent(world.scenario.letterSlow)) {
            world.scheduler.after(world.dice.magnitude(10_000, 2_000_000_000), () -> answer(ticket, written, fails));
        } else {
            answer(ticket, written, fails);
        }
        return written;
    }

    private void answer(Ticket ticket, CompletableFuture<Void> written, boolean fails) {
        world.record(Kind.LETTER_ANSWERED, ticket.lane.run(), ticket.id, fails ? 0 : 1, null);
        if (fails) {
            written.completeExceptionally(new Quiet("no dead letters today"));
        } else {
            written.complete(null);
        }
    }
}
