package io.lastcall.testkit.contract;

import static io.lastcall.testkit.contract.ForgedContract.assertRed;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.lastcall.spi.Source;
import io.lastcall.testkit.Signals;
import io.lastcall.testkit.contract.Forgeries.Forgery;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each case of the contract turns red for a source that breaks its rule: stops, settlements, beginning and end. */
class SourceContractCatchesTest {

    private final Signals signals = new Signals();

    private SourceContract over(Forgery forgery) {
        return ForgedContract.over(forgery, signals);
    }

    @Test
    void a_stop_that_is_never_confirmed() {
        assertRed(over(Forgeries::neverConfirms)::s3_the_stop_is_confirmed, "has not confirmed in time");
    }

    @Test
    void a_source_that_goes_on_after_the_stop() {
        assertRed(over(Forgeries::goesOnAfterTheStop)::s2_nothing_comes_after_the_stop, "S2 an offer of");
    }

    @Test
    void a_stop_that_is_confirmed_before_the_wire_is_empty() {
        assertRed(
                over(Forgeries::confirmsBeforeTheWire)::h3_what_was_on_the_wire_is_counted,
                "S3 the stop was confirmed while an offer was under way");
    }

    @Test
    void a_message_that_is_lost_on_the_wire() {
        assertRed(over(Forgeries::losesMessages)::h3_what_was_on_the_wire_is_counted, "nothing lost");
    }

    @Test
    void a_release_that_is_an_acknowledgement() {
        assertRed(
                over(Forgeries::acknowledgesReleases)::s7_release_of_unstarted_is_told_to_the_source,
                "handed out again: not within");
    }

    @Test
    void a_release_that_is_only_forgotten() {
        assertRed(
                over(Forgeries::keepsReleases)::s7_release_of_unstarted_is_told_to_the_source,
                "a release that is free counts no attempt");
    }

    @Test
    void a_source_that_gives_its_lane_up_under_handlers() {
        assertRed(over(Forgeries::revokesAtStop)::what_has_started_is_finished, "told to end though there was time");
    }

    @Test
    void a_message_of_a_stuck_handler_that_is_acknowledged() {
        assertRed(over(Forgeries::acknowledgesAllAtClose)::h5_the_deadline_holds_with_a_stuck_handler, "nothing lost");
    }

    @Test
    void a_settlement_that_is_answered_twice() {
        assertRed(over(Forgeries::answersTwice)::s4_each_delivery_is_settled_once, "S5 answered twice");
    }

    @Test
    void a_settlement_that_is_never_answered() {
        assertRed(over(Forgeries::settlesNothing)::s4_each_delivery_is_settled_once, "S6 close left a settlement");
    }

    @Test
    void a_settlement_that_got_nowhere_and_is_called_settled() {
        assertRed(over(this::dishonest)::h6_a_failed_settlement_is_never_reported_as_accepted, "4 accepted");
    }

    @Test
    void a_broker_that_went_away_and_is_said_to_have_settled() {
        assertRed(over(this::dishonest)::h5_the_deadline_holds_when_the_broker_goes_away, "8 accepted");
    }

    /** So that the two above are red for what they say, and not for being cut off. */
    @Test
    void an_honest_source_that_is_cut_off_keeps_the_contract() {
        assertThatCode(over(this::honest)::h6_a_failed_settlement_is_never_reported_as_accepted)
                .doesNotThrowAnyException();
    }

    @Test
    void an_honest_source_whose_broker_goes_away_keeps_the_contract() {
        assertThatCode(over(this::honest)::h5_the_deadline_holds_when_the_broker_goes_away)
                .doesNotThrowAnyException();
    }

    @Test
    void a_key_whose_order_is_turned_around() {
        assertRed(over(Forgeries::offersBackwards)::h8_keys_keep_their_order_beyond_lanes, "starts follow publishing");
    }

    @Test
    void a_start_that_forgets_the_stop_before_it() {
        assertRed(over(Forgeries::startsAfterTheStop)::h16_a_drain_may_race_the_start, "was opened after the stop");
    }

    @Test
    void a_thread_that_is_left_behind() {
        try {
            assertRed(over(this::leaking)::h17_nothing_is_left_after_close, "after its close");
        } finally {
            signals.fire("leak ends");
        }
    }

    @Test
    void a_lane_whose_rules_are_not_the_brokers() {
        assertRed(over(Forgeries::saysReleaseCosts)::s3_the_stop_is_confirmed, "says freeRelease = false");
    }

    @Test
    void a_rule_that_is_left_out_without_need() {
        SourceContract shy = new SourceContract() {
            @Override
            protected BrokerFixture openFixture() {
                return new MemoryFixture();
            }

            @Override
            protected Map<Rule, String> notApplicable() {
                return Map.of(Rule.STOP_CONFIRMED, "we never stop", Rule.SETTLE_FAILURE_REPORTED, " ");
            }
        };
        assertRed(shy::s3_the_stop_is_confirmed, "only rules about what a broker may lack may be left out");
        assertRed(shy::h6_a_failed_settlement_is_never_reported_as_accepted, "and with a reason");
    }

    private <R> Source<R> honest(Source<R> good) {
        return Forgeries.cutOff(good, signals, true);
    }

    private <R> Source<R> dishonest(Source<R> good) {
        return Forgeries.cutOff(good, signals, false);
    }

    private <R> Source<R> leaking(Source<R> good) {
        return Forgeries.leaksAThread(good, signals);
    }
}
