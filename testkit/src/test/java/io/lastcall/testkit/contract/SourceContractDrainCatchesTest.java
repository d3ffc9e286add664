package io.lastcall.testkit.contract;

import static io.lastcall.testkit.contract.ForgedContract.assertRed;

import io.lastcall.spi.Source;
import io.lastcall.testkit.Signals;
import io.lastcall.testkit.contract.Forgeries.Forgery;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Each case of the contract turns red for a source that breaks its rule: drains of all modes, failures and letters. */
class SourceContractDrainCatchesTest {

    private final Signals signals = new Signals();

    private SourceContract over(Forgery forgery) {
        return ForgedContract.over(forgery, signals);
    }

    @Test
    void a_stop_of_an_idle_source_that_waits_for_a_message() {
        SourceContract hurried = new ForgedContract(new MemoryFixture(
                good -> Forgeries.around(good, OutcomeForgeries::confirmsWithTheNextMessage), Duration.ofSeconds(1)));
        assertRed(hurried::an_idle_consumer_drains_clean, "has not confirmed in time");
    }

    @Test
    void a_backlog_that_is_fetched_and_thrown_away() {
        assertRed(over(this::dropping)::t12_a_drain_leaves_the_backlog, "nothing lost");
    }

    @Test
    void a_message_that_is_done_and_still_there_whoever_joined_the_drain() {
        assertRed(
                over(OutcomeForgeries::forgetsSettlements)::h16_a_second_drain_is_the_same, "allowed to be available");
    }

    @Test
    void a_message_that_is_done_and_still_there_though_its_handler_drained() {
        assertRed(over(OutcomeForgeries::forgetsSettlements)::a_handler_may_begin_a_drain, "allowed to be available");
    }

    @Test
    void an_abandoned_message_that_is_acknowledged_by_the_earlier_deadline() {
        assertRed(over(Forgeries::acknowledgesAllAtClose)::h16_the_earlier_deadline_wins, "nothing lost");
    }

    @Test
    void a_release_of_the_harder_mode_that_is_an_acknowledgement() {
        assertRed(over(Forgeries::acknowledgesReleases)::h16_the_harder_mode_wins, "nothing lost");
    }

    @Test
    void a_source_that_gives_up_what_it_holds_before_the_deadline() {
        assertRed(over(Forgeries::revokesAtStop)::what_is_held_is_finished_until_the_deadline, "0 accepted");
    }

    @Test
    void a_source_that_leaves_before_all_is_finished() {
        assertRed(over(OutcomeForgeries::leavesAtStop)::a_full_drain_finishes_all, "0 accepted");
    }

    @Test
    void a_hard_drain_whose_releases_are_acknowledgements() {
        assertRed(over(Forgeries::acknowledgesReleases)::a_hard_drain_gives_everything_back, "nothing lost");
    }

    @Test
    void an_interrupted_message_that_is_acknowledged() {
        assertRed(over(Forgeries::acknowledgesReleases)::h5_a_handler_is_interrupted_at_the_deadline, "nothing lost");
    }

    @Test
    void a_delay_that_is_forgotten() {
        assertRed(over(OutcomeForgeries::forgetsDelays)::t13_a_back_off_never_holds_a_drain, "before its back-off");
    }

    @Test
    void a_release_by_a_handler_that_is_an_acknowledgement() {
        assertRed(over(Forgeries::acknowledgesReleases)::what_a_handler_releases_comes_again, "3 accepted: not within");
    }

    @Test
    void a_poison_that_is_said_to_have_been_tried_before() {
        assertRed(
                over(SourceContractDrainCatchesTest::countingAhead)::a_poison_message_is_tried_and_rejected,
                "but was: 1");
    }

    @Test
    void a_poison_that_is_rejected_and_still_there() {
        assertRed(
                over(OutcomeForgeries::forgetsSettlements)::a_poison_message_is_tried_and_rejected,
                "allowed to be available");
    }

    @Test
    void a_message_that_comes_again_while_it_is_tried_again() {
        assertRed(over(FlowForgeries::offersTheFirstAgain)::h8_a_retry_keeps_the_order_of_its_key, "k|0");
    }

    @Test
    void a_message_whose_letter_is_written_and_that_is_still_there() {
        assertRed(
                over(OutcomeForgeries::forgetsSettlements)::a_dead_letter_is_written_first, "allowed to be available");
    }

    @Test
    void a_message_that_was_dropped_before_its_letter() {
        assertRed(
                over(OutcomeForgeries::acknowledgesOnReceipt)::a_message_without_its_letter_is_not_lost,
                "nothing lost");
    }

    private <R> Source<R> dropping(Source<R> good) {
        return FlowForgeries.dropsWhatDoesNotFit(good, signals);
    }

    private static <R> Source<R> countingAhead(Source<R> good) {
        return Retellings.countsAhead(good, 2);
    }
}
