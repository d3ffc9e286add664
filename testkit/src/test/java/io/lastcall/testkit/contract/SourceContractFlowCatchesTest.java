package io.lastcall.testkit.contract;

import static io.lastcall.testkit.contract.ForgedContract.PATIENCE;
import static io.lastcall.testkit.contract.ForgedContract.assertRed;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.lastcall.message.Headers;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import io.lastcall.testkit.Signals;
import io.lastcall.testkit.contract.Forgeries.Forgery;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Each case of the contract turns red for a source that breaks its rule: how much, to whom, and from where on. */
class SourceContractFlowCatchesTest {

    private static final Duration LEASE = Duration.ofSeconds(1);

    private final Signals signals = new Signals();
    private final AtomicInteger count = new AtomicInteger();

    private SourceContract over(Forgery forgery) {
        return ForgedContract.over(forgery, signals);
    }

    /** What is published under a key that begins with b has been seen by the forger when publishing returns. */
    private SourceContract overPaused(Forgery forgery) {
        return new ForgedContract(new MemoryFixture(good -> Forgeries.around(good, forgery), PATIENCE) {
            @Override
            public Destination create(String name) {
                return seen(super.create(name));
            }
        });
    }

    private Destination seen(Destination good) {
        return new Destination() {
            @Override
            public void publish(String key, String body) throws Exception {
                good.publish(key, body);
                if (key.startsWith("b")) {
                    signals.await(body, PATIENCE);
                }
            }

            @Override
            public void publish(String key, byte[] body, Headers headers) throws Exception {
                good.publish(key, body, headers);
            }

            @Override
            public SourceFactory<?> source() {
                return good.source();
            }

            @Override
            public List<String> takeAvailable(int expected, Duration atMost) throws Exception {
                return good.takeAvailable(expected, atMost);
            }
        };
    }

    @Test
    void a_pause_that_loses_its_place() {
        assertRed(overPaused(this::dropping)::a_pause_keeps_the_place, "5 handled: not within");
    }

    @Test
    void a_pause_that_ends_in_a_loss() {
        assertRed(overPaused(this::dropping)::a_paused_consumer_drains, "nothing lost");
    }

    @Test
    void a_source_that_holds_fewer_than_may_run() {
        assertRed(over(SourceContractFlowCatchesTest::holdingTwo)::as_many_handlers_as_allowed_run, "10 accepted");
    }

    @Test
    void a_source_that_holds_no_more_when_more_may_run() {
        assertRed(
                over(SourceContractFlowCatchesTest::holdingTwo)::the_concurrency_changes_while_running,
                "4 started: not within");
    }

    @Test
    void a_source_that_stands_still_with_a_lower_limit() {
        assertRed(
                over(FlowForgeries::fetchesFourOrNone)::the_limit_changes_while_running,
                "handled with a limit of 1: not within");
    }

    @Test
    void a_small_limit_beyond_which_messages_are_dropped() {
        assertRed(over(this::dropping)::a_small_limit_loses_nothing, "30 handled: not within");
    }

    @Test
    void a_second_consumer_that_gets_nothing() {
        assertRed(over(this::servingOne)::two_consumers_share_a_subscription, "the rest handled: not within");
    }

    @Test
    void a_restart_that_begins_again() {
        assertRed(over(OutcomeForgeries::forgetsSettlements)::a_drained_consumer_starts_again, "handled once");
    }

    @Test
    void a_restart_that_loses_a_message() {
        assertRed(over(Forgeries::losesMessages)::a_drained_consumer_starts_again, "handled 3 was not fired");
    }

    @Test
    void a_next_consumer_that_begins_again() {
        assertRed(
                over(OutcomeForgeries::forgetsSettlements)::one_consumer_after_another, "handled by one or the other");
    }

    @Test
    void a_settlement_that_the_broker_had_not_when_it_went() {
        assertRed(
                over(OutcomeForgeries::forgetsSettlements)::h5_the_deadline_holds_when_the_broker_has_gone_before,
                "allowed to be available");
    }

    @Test
    void a_start_that_comes_through_after_its_consumer_has_gone() {
        SourceContract late =
                new ForgedContract(new MemoryFixture(good -> Forgeries.around(good, this::startingAfterAll), PATIENCE) {
                    @Override
                    public void cut() {}

                    @Override
                    public void mend() throws InterruptedException {
                        signals.fire("mended");
                        signals.await("started after all", PATIENCE);
                    }
                });
        assertRed(late::h5_the_deadline_holds_when_the_broker_was_never_there, "was opened after the stop");
    }

    @Test
    void a_cut_that_is_never_mended() {
        assertRed(
                over(this::stayingCutOff)::a_broker_that_comes_back_is_consumed_again,
                "5 handled, or more: not within");
    }

    @Test
    void a_lease_that_is_said_to_be_kept_and_is_not() {
        assertRed(overLeased(false)::a_lease_is_kept_through_the_drain, "handed to another meanwhile");
    }

    /** So that the one above is red for what it says, and not for having a lease. */
    @Test
    void a_lease_that_is_kept_keeps_the_contract() {
        assertThatCode(overLeased(true)::a_lease_is_kept_through_the_drain).doesNotThrowAnyException();
    }

    private static SourceContract overLeased(boolean honest) {
        return new ForgedContract(new MemoryFixture(good -> FlowForgeries.leased(good, LEASE, honest), PATIENCE) {
            @Override
            public Duration leaseLasts() {
                return LEASE;
            }
        });
    }

    @Test
    void random_schedules_over_a_source_that_loses_now_and_then() {
        SourceContract lossy =
                new ForgedContract(new MemoryFixture(good -> Forgeries.around(good, this::losingSome), PATIENCE) {
                    @Override
                    public int randomSchedules() {
                        return 5;
                    }
                });
        assertRed(lossy::random_schedules_add_up, "nothing lost");
    }

    private <R> Source<R> dropping(Source<R> good) {
        return FlowForgeries.dropsWhatDoesNotFit(good, signals);
    }

    private static <R> Source<R> holdingTwo(Source<R> good) {
        return FlowForgeries.holdsAtMost(good, 2);
    }

    private <R> Source<R> servingOne(Source<R> good) {
        return FlowForgeries.servesOneOnly(good, count);
    }

    private <R> Source<R> startingAfterAll(Source<R> good) {
        return FlowForgeries.startsAfterAll(good, signals);
    }

    private <R> Source<R> stayingCutOff(Source<R> good) {
        return FlowForgeries.staysCutOff(good, signals);
    }

    private <R> Source<R> losingSome(Source<R> good) {
        return FlowForgeries.losesOneOf(good, 5, count);
    }
}
