package io.lastcall.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.ConsumerState;
import io.lastcall.Counts;
import io.lastcall.DrainMode;
import io.lastcall.StopReason;
import io.lastcall.spi.Extension;
import io.lastcall.spi.RevokeReason;
import io.lastcall.testkit.simulation.Event.Admitted;
import io.lastcall.testkit.simulation.Event.Answer;
import io.lastcall.testkit.simulation.Event.End;
import io.lastcall.testkit.simulation.Event.Kind;
import io.lastcall.testkit.simulation.Event.Told;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The checker against histories that were made up: each bad one is flagged under its number, the good ones are not. */
class CheckerTest {

    private static final long SECOND = Forgery.SECOND;

    /** A bad history and what it breaks. */
    private record Bad(String invariant, String name, Forgery history) {}

    private static Forgery with(boolean letters, boolean admits) {
        return new Forgery(Forgery.facts(letters, admits), 0, false);
    }

    private static Forgery leased(long lease) {
        return new Forgery(Forgery.facts(false, false), lease, false);
    }

    private static Forgery holdingKeys() {
        return new Forgery(Forgery.facts(false, false), 0, true);
    }

    private static Forgery plain() {
        return new Forgery();
    }

    private static List<Bad> bad() {
        List<Bad> bad = new ArrayList<>();
        settling(bad);
        starting(bad);
        draining(bad);
        return bad;
    }

    private static void settling(List<Bad> bad) {
        bad.add(new Bad(
                "H1",
                "accepted before its handler ended well",
                plain().offer(0, null).start(0).end(0, End.FAILED).tell(0, Told.ACCEPT)));
        bad.add(new Bad(
                "H1",
                "accepted without having been handled",
                plain().offer(0, null).tell(0, Told.ACCEPT)));
        bad.add(new Bad(
                "H1",
                "rejected before its dead letter was safe",
                with(true, false)
                        .offer(0, null)
                        .start(0)
                        .end(0, End.REJECT)
                        .add(Kind.LETTER_ASKED, 0, 1, Place.WORKER)
                        .add(Kind.LETTER_ANSWERED, 0, 0, null)
                        .tell(0, Told.REJECT)));
        bad.add(new Bad(
                "H1",
                "to be retried though it ended well",
                plain().offer(0, null).handle(0).tell(0, Told.RETRY)));
        bad.add(new Bad(
                "H2",
                "said to be settled, which the broker does not know",
                plain().offer(0, null).handle(0).tell(0, Told.ACCEPT).add(Kind.ANSWERED, 0, 0, Answer.SETTLED)));
        bad.add(new Bad(
                "H7",
                "released while its handler runs",
                plain().offer(0, null).start(0).askDrain(DrainMode.STOP_NOW).tell(0, Told.RELEASE)));
        bad.add(new Bad(
                "H12",
                "interrupted, and counted as failed",
                plain().offer(0, null)
                        .start(0)
                        .askDrain(DrainMode.STOP_NOW)
                        .seeStop(0, StopReason.STOP_NOW)
                        .add(Kind.ENDED, 0, 1, End.FAILED)
                        .tell(0, Told.REJECT)));
        bad.add(new Bad(
                "H12",
                "interrupted before it was told",
                plain().offer(0, null).start(0).add(Kind.INTERRUPTED, 0, 0, null)));
        bad.add(new Bad("H12", "settle on an interrupted thread", plain().add(Kind.SETTLE_CALLED, 0, 1, Place.WORKER)));
        bad.add(new Bad(
                "H20",
                "released while an extension is in flight",
                leased(30 * SECOND)
                        .offer(0, null)
                        .add(Kind.EXTENDING, 0, 0, Place.WORKER)
                        .askDrain(DrainMode.FINISH_STARTED)
                        .tell(0, Told.RELEASE)));
        bad.add(new Bad("I4", "told twice", plain().good(0, null).tell(0, Told.ACCEPT)));
        bad.add(new Bad(
                "I6",
                "told though its handler ended after the fence",
                plain().offer(0, null)
                        .start(0)
                        .revoke(RevokeReason.REASSIGNED)
                        .add(Kind.FENCED, 0, 1, null)
                        .end(0, End.ACCEPT)
                        .tell(0, Told.ACCEPT)));
        bad.add(new Bad(
                "I6",
                "told though its lease was lost before",
                leased(30 * SECOND)
                        .offer(0, null)
                        .start(0)
                        .add(Kind.EXTENDING, 0, 0, Place.WORKER)
                        .add(Kind.EXTENDED, 0, 0, Extension.LAPSED)
                        .end(0, End.ACCEPT)
                        .tell(0, Told.ACCEPT)));
        bad.add(new Bad(
                "I8", "given back without a drain", plain().offer(0, null).tell(0, Told.RELEASE)));
        bad.add(new Bad(
                "S5", "answered before it was told", plain().offer(0, null).answer(0, Answer.SETTLED)));
        bad.add(new Bad(
                "H22", "foreign code on the wrong thread", plain().add(Kind.MISPLACED, -1, 0, "settle on TIMER")));
        bad.add(new Bad("H15", "nothing moves", plain().add(Kind.STUCK, -1, 0, "m0 AVAILABLE")));
        bad.add(new Bad("I2", "an error of the engine", plain().add(Kind.BROKEN, -1, 0, "DONE -> RUNNING")));
    }

    private static void starting(List<Bad> bad) {
        bad.add(new Bad(
                "H4",
                "started after the drain had returned",
                plain().offer(0, null)
                        .askDrain(DrainMode.FINISH_STARTED)
                        .stop()
                        .tell(0, Told.RELEASE)
                        .close()
                        .report(new Counts(1, 0, 0, 0, 0, 0, 1, 0))
                        .start(0)));
        bad.add(new Bad(
                "H8",
                "two of one strand at once",
                plain().offer(0, "k").offer(1, "k").start(0).start(1)));
        bad.add(new Bad(
                "H8",
                "beside a dead letter of its strand",
                with(true, false)
                        .offer(0, "k")
                        .offer(1, "k")
                        .start(0)
                        .end(0, End.REJECT)
                        .add(Kind.LETTER_ASKED, 0, 1, Place.WORKER)
                        .start(1)));
        bad.add(new Bad(
                "H8",
                "started out of order",
                plain().offer(0, "k").offer(1, "k").start(1).end(1, End.ACCEPT).start(0)));
        bad.add(new Bad("H12", "a wrong attempt", plain().offer(0, null).add(Kind.STARTED, 0, 2, Place.WORKER)));
        bad.add(new Bad(
                "H13",
                "more handlers than allowed",
                plain().offer(0, null)
                        .offer(1, null)
                        .offer(2, null)
                        .start(0)
                        .start(1)
                        .start(2)));
        bad.add(new Bad(
                "H13",
                "more held than the limit and one fetch",
                plain().snapshot(new Counts(7, 0, 0, 0, 0, 0, 0, 0), 7, 0, 0, 0)));
        bad.add(new Bad(
                "H21", "too many in back-off", plain().snapshot(new Counts(6, 0, 0, 0, 0, 0, 0, 0), 6, 0, 0, 5)));
        bad.add(new Bad(
                "I1",
                "a snapshot that does not add up",
                plain().snapshot(new Counts(3, 1, 0, 0, 0, 0, 0, 0), 1, 0, 0, 0)));
        bad.add(new Bad(
                "I6",
                "started after its lane was revoked",
                plain().offer(0, null).revoke(RevokeReason.LOST).start(0)));
        bad.add(new Bad(
                "I7",
                "started while the key is held",
                holdingKeys()
                        .offer(0, "k")
                        .offer(1, "k")
                        .handle(0)
                        .tell(0, Told.ACCEPT)
                        .start(1)));
        bad.add(new Bad(
                "I7",
                "started though the answer before it failed",
                holdingKeys()
                        .offer(0, "k")
                        .offer(1, "k")
                        .handle(0)
                        .tell(0, Told.ACCEPT)
                        .answer(0, Answer.UNKNOWN)
                        .start(1)));
        bad.add(new Bad(
                "I13",
                "started though the one before it was given back",
                plain().offer(0, "k")
                        .offer(1, "k")
                        .start(0)
                        .end(0, End.RETRY)
                        .settle(0, Told.RETRY)
                        .start(1)));
        bad.add(new Bad(
                "I12",
                "started without an admission",
                with(false, true).offer(0, null).start(0)));
        bad.add(new Bad(
                "I12",
                "admitted, and neither started nor given up",
                with(false, true)
                        .offer(0, null)
                        .add(Kind.ADMISSION_ASKED, 0, 0, Place.WORKER)
                        .add(Kind.ADMISSION_ANSWERED, 0, 0, Admitted.GO)
                        .askDrain(DrainMode.FINISH_STARTED)
                        .tell(0, Told.RELEASE)
                        .answer(0, Answer.SETTLED)));
        bad.add(new Bad(
                "I12",
                "given up while its handler runs",
                with(false, true)
                        .offer(0, null)
                        .add(Kind.ADMISSION_ASKED, 0, 0, Place.WORKER)
                        .add(Kind.ADMISSION_ANSWERED, 0, 0, Admitted.GO)
                        .start(0)
                        .add(Kind.GIVEN_UP, 0, 0, null)));
    }

    private static void draining(List<Bad> bad) {
        bad.add(new Bad(
                "H3",
                "offered after the stop was confirmed",
                plain().askDrain(DrainMode.FINISH_STARTED).stop().offering(0, null)));
        bad.add(new Bad(
                "H3",
                "refused before the stop was confirmed",
                plain().askDrain(DrainMode.FINISH_STARTED).offering(0, null).add(Kind.OFFERED, 0, 0, null)));
        bad.add(new Bad(
                "H5",
                "returned too late",
                plain().good(0, null)
                        .askDrain(DrainMode.FINISH_STARTED)
                        .stop()
                        .close()
                        .pass(11 * SECOND)
                        .report(Forgery.accepted(1))));
        bad.add(new Bad(
                "H5",
                "never returned",
                plain().askDrain(DrainMode.FINISH_STARTED).stop()));
        bad.add(new Bad(
                "H5",
                "waits for nothing",
                plain().askDrain(DrainMode.FINISH_STARTED)
                        .stop()
                        .pass(SECOND)
                        .close()
                        .report(Forgery.accepted(0))));
        bad.add(new Bad(
                "H5",
                "waits for nothing though it has all the time there is",
                plain().askForeverDrain().stop().pass(SECOND).close().report(Forgery.accepted(0))));
        bad.add(new Bad(
                "H5",
                "abandoned before the time",
                plain().offer(0, null)
                        .start(0)
                        .askDrain(DrainMode.FINISH_STARTED)
                        .stop()
                        .close()
                        .report(new Counts(1, 0, 0, 0, 0, 0, 0, 1))));
        bad.add(new Bad(
                "H6", "the report counts too many", plain().good(0, null).drain(2)));
        bad.add(new Bad(
                "H6",
                "the report does not add up",
                plain().good(0, null)
                        .askDrain(DrainMode.FINISH_STARTED)
                        .stop()
                        .close()
                        .report(new Counts(1, 0, 0, 0, 0, 0, 0, 0))));
        bad.add(new Bad(
                "H6",
                "unconfirmed is said to be accepted",
                plain().offer(0, null).handle(0).tell(0, Told.ACCEPT).drain(1)));
        bad.add(new Bad(
                "H6",
                "told nothing though there was time",
                plain().offer(0, null)
                        .handle(0)
                        .askDrain(DrainMode.FINISH_STARTED)
                        .stop()
                        .close()
                        .report(new Counts(1, 0, 0, 0, 0, 0, 1, 0))));
        bad.add(new Bad(
                "H11",
                "leases end with the drain",
                leased(3 * SECOND)
                        .offer(0, null)
                        .start(0)
                        .askDrain(DrainMode.FINISH_STARTED)
                        .stop()
                        .pass(3 * SECOND)
                        .end(0, End.ACCEPT)
                        .settle(0, Told.ACCEPT)));
        bad.add(new Bad(
                "H11",
                "leases end with the drain, and the close comes late",
                leased(3 * SECOND)
                        .offer(0, null)
                        .handle(0)
                        .tell(0, Told.ACCEPT)
                        .askDrain(DrainMode.FINISH_STARTED)
                        .stop()
                        .pass(3 * SECOND)
                        .close()));
        bad.add(new Bad(
                "I5",
                "closed while a settle call is under way",
                plain().offer(0, null)
                        .handle(0)
                        .add(Kind.SETTLE_CALLED, 0, 0, Place.WORKER)
                        .askDrain(DrainMode.FINISH_STARTED)
                        .stop()
                        .add(Kind.CLOSE_CALLED, -1, SECOND, Place.DETACHED)));
        bad.add(new Bad(
                "I5",
                "settled after the close",
                plain().offer(0, null)
                        .handle(0)
                        .askDrain(DrainMode.FINISH_STARTED)
                        .stop()
                        .add(Kind.CLOSE_CALLED, -1, SECOND, Place.DETACHED)
                        .tell(0, Told.ACCEPT)));
        bad.add(new Bad(
                "I8",
                "started in a drain that starts nothing",
                plain().offer(0, null)
                        .askDrain(DrainMode.FINISH_STARTED)
                        .pass(SECOND)
                        .start(0)));
        bad.add(new Bad(
                "I8",
                "started after the finish deadline",
                plain().offer(0, null)
                        .askDrain(DrainMode.FINISH_UNTIL_DEADLINE)
                        .pass(9 * SECOND)
                        .start(0)));
        bad.add(new Bad(
                "I8",
                "told to end before the finish deadline",
                plain().offer(0, null)
                        .start(0)
                        .askDrain(DrainMode.FINISH_STARTED)
                        .seeStop(0, StopReason.DRAIN_DEADLINE)));
        bad.add(new Bad(
                "S3",
                "a revocation never ends",
                plain().good(0, null).revoke(RevokeReason.LOST).drain(1)));
    }

    @TestFactory
    Stream<DynamicTest> each_bad_history_is_flagged_under_its_number() {
        return bad().stream()
                .map(bad -> DynamicTest.dynamicTest(
                        bad.invariant + " " + bad.name,
                        () -> assertThat(bad.history.check())
                                .extracting(Violation::invariant)
                                .contains(bad.invariant)));
    }

    @TestFactory
    Stream<DynamicTest> good_histories_are_not_flagged() {
        return Stream.of(
                        plain().good(0, "k").good(1, "k").good(2, null).drain(3),
                        holdingKeys().good(0, "k").good(1, "k").drain(2),
                        leased(30 * SECOND)
                                .offer(0, null)
                                .start(0)
                                .pass(9 * SECOND)
                                .add(Kind.EXTENDING, 0, 0, Place.WORKER)
                                .add(Kind.EXTENDED, 0, 0, Extension.EXTENDED)
                                .pass(9 * SECOND)
                                .end(0, End.ACCEPT)
                                .settle(0, Told.ACCEPT)
                                .drain(1),
                        leased(3 * SECOND)
                                .offer(0, null)
                                .handle(0)
                                .tell(0, Told.ACCEPT)
                                .askDrain(DrainMode.FINISH_STARTED)
                                .stop()
                                .add(Kind.STATE, -1, 0, ConsumerState.CLOSING)
                                .add(Kind.CLOSE_CALLED, -1, 7 * SECOND, Place.DETACHED)
                                .pass(6 * SECOND)
                                .answer(0, Answer.SETTLED)
                                .add(Kind.CLOSE_RETURNED, -1, 1, null)
                                .add(Kind.STATE, -1, 0, ConsumerState.CLOSED)
                                .report(new Counts(1, 1, 0, 0, 0, 0, 0, 0)),
                        with(true, false)
                                .offer(0, "k")
                                .start(0)
                                .end(0, End.REJECT)
                                .add(Kind.LETTER_ASKED, 0, 1, Place.WORKER)
                                .add(Kind.LETTER_ANSWERED, 0, 1, null)
                                .settle(0, Told.REJECT)
                                .askDrain(DrainMode.FINISH_STARTED)
                                .stop()
                                .close()
                                .report(new Counts(1, 0, 0, 1, 0, 0, 0, 0)),
                        plain().offer(0, null)
                                .start(0)
                                .askDrain(DrainMode.FINISH_STARTED)
                                .stop()
                                .pass(8 * SECOND)
                                .seeStop(0, StopReason.DRAIN_DEADLINE)
                                .pass(SECOND)
                                .close()
                                .report(new Counts(1, 0, 0, 0, 0, 0, 0, 1)),
                        plain().offer(0, null)
                                .revoke(RevokeReason.LOST)
                                .add(Kind.FINISHED, 0, 0, null)
                                .askDrain(DrainMode.FINISH_STARTED)
                                .stop()
                                .close()
                                .report(new Counts(1, 0, 0, 0, 0, 1, 0, 0)))
                .map(history -> DynamicTest.dynamicTest(
                        history.events().size() + " events",
                        () -> assertThat(history.check()).isEmpty()));
    }

    @Test
    void its_time_grows_with_the_history_and_no_faster() {
        check(1_000);
        long small = check(20_000);
        long large = check(200_000);
        assertThat(large).isLessThan(40 * small + 200_000_000);
    }

    private static long check(int deliveries) {
        Forgery history = plain();
        for (int i = 0; i < deliveries; i++) {
            history.good(i, "k" + i % 7);
        }
        history.drain(deliveries);
        long begun = System.nanoTime();
        assertThat(history.check()).isEmpty();
        return System.nanoTime() - begun;
    }
}
