package io.lastcall.testkit.contract;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What every source must keep, as cases against its real broker. Extend it in the adapter's tests, and open the fixture there. Each
 * case runs consumers through {@code MessageConsumer}, watches them on both sides, the handler's and the source's, and checks beside
 * its own rule that no rule of the SPI was broken, that the report adds up, that it equals what was seen, and that each message
 * published was either done or is available at the broker.
 *
 * <p>Waits are for events, with {@link BrokerFixture#patience} as their deadline. Cases run one after another, on one instance.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class SourceContract {

    /** Opened by the first case, closed after the last; the cases' one thread. */
    private @Nullable BrokerFixture fixture;

    /** For subclasses. */
    protected SourceContract() {}

    /**
     * Starts the broker, once for all cases.
     *
     * @return the fixture; closed after the last case
     * @throws Exception when the broker does not start
     */
    protected abstract BrokerFixture openFixture() throws Exception;

    /**
     * The rules that cannot apply to this source, each with the reason. Printed when its case runs; nothing else is skipped. Only
     * rules about what a broker may lack may stand here, see {@link Rule#isOptional}.
     *
     * @return rules and reasons; by default what the tables on the class path say of this class, see {@link Exemptions}
     */
    protected Map<Rule, String> notApplicable() {
        return Exemptions.onClassPath().of(getClass().getName());
    }

    /** {@link Rule#STOP_CONFIRMED}. @throws Exception when broken */
    @Test
    public void s3_the_stop_is_confirmed() throws Exception {
        run(Rule.STOP_CONFIRMED, StopCases::confirmed);
    }

    /** {@link Rule#NOTHING_AFTER_THE_STOP}. @throws Exception when broken */
    @Test
    public void s2_nothing_comes_after_the_stop() throws Exception {
        run(Rule.NOTHING_AFTER_THE_STOP, StopCases::nothingAfter);
    }

    /** {@link Rule#WIRE_COUNTED}. @throws Exception when broken */
    @Test
    public void h3_what_was_on_the_wire_is_counted() throws Exception {
        run(Rule.WIRE_COUNTED, StopCases::wireCounted);
    }

    /** {@link Rule#RELEASE_OF_UNSTARTED}. @throws Exception when broken */
    @Test
    public void s7_release_of_unstarted_is_told_to_the_source() throws Exception {
        run(Rule.RELEASE_OF_UNSTARTED, FinishCases::releaseOfUnstarted);
    }

    /** {@link Rule#FINISH_OF_STARTED}. @throws Exception when broken */
    @Test
    public void what_has_started_is_finished() throws Exception {
        run(Rule.FINISH_OF_STARTED, FinishCases::finishOfStarted);
    }

    /** {@link Rule#DEADLINE_WITH_STUCK_HANDLER}. @throws Exception when broken */
    @Test
    public void h5_the_deadline_holds_with_a_stuck_handler() throws Exception {
        run(Rule.DEADLINE_WITH_STUCK_HANDLER, FinishCases::deadlineWithStuckHandler);
    }

    /** {@link Rule#SETTLE_ONCE}. @throws Exception when broken */
    @Test
    public void s4_each_delivery_is_settled_once() throws Exception {
        run(Rule.SETTLE_ONCE, SettleCases::once);
    }

    /** {@link Rule#SETTLE_FAILURE_REPORTED}. @throws Exception when broken */
    @Test
    public void h6_a_failed_settlement_is_never_reported_as_accepted() throws Exception {
        run(Rule.SETTLE_FAILURE_REPORTED, SettleCases::failureReported);
    }

    /** {@link Rule#KEY_ORDER_BEYOND_LANES}. @throws Exception when broken */
    @Test
    public void h8_keys_keep_their_order_beyond_lanes() throws Exception {
        run(Rule.KEY_ORDER_BEYOND_LANES, LifeCases::keyOrderBeyondLanes);
    }

    /** {@link Rule#BROKER_GONE_DURING_DRAIN}. @throws Exception when broken */
    @Test
    public void h5_the_deadline_holds_when_the_broker_goes_away() throws Exception {
        run(Rule.BROKER_GONE_DURING_DRAIN, SettleCases::brokerGone);
    }

    /** {@link Rule#DRAIN_RACING_START}. @throws Exception when broken */
    @Test
    public void h16_a_drain_may_race_the_start() throws Exception {
        run(Rule.DRAIN_RACING_START, LifeCases::drainRacingStart);
    }

    /** {@link Rule#NO_LEAKS}. @throws Exception when broken */
    @Test
    public void h17_nothing_is_left_after_close() throws Exception {
        run(Rule.NO_LEAKS, LifeCases::noLeaks);
    }

    /** {@link Rule#IDLE_DRAIN}. @throws Exception when broken */
    @Test
    public void an_idle_consumer_drains_clean() throws Exception {
        run(Rule.IDLE_DRAIN, RequestCases::idle);
    }

    /** {@link Rule#BACKLOG_LEFT}. @throws Exception when broken */
    @Test
    public void t12_a_drain_leaves_the_backlog() throws Exception {
        run(Rule.BACKLOG_LEFT, RequestCases::backlogLeft);
    }

    /** {@link Rule#RESUME_GOES_ON}. @throws Exception when broken */
    @Test
    public void a_pause_keeps_the_place() throws Exception {
        run(Rule.RESUME_GOES_ON, RequestCases::resumeGoesOn);
    }

    /** {@link Rule#DRAIN_WHILE_PAUSED}. @throws Exception when broken */
    @Test
    public void a_paused_consumer_drains() throws Exception {
        run(Rule.DRAIN_WHILE_PAUSED, RequestCases::drainWhilePaused);
    }

    /** {@link Rule#SECOND_DRAIN_JOINS}. @throws Exception when broken */
    @Test
    public void h16_a_second_drain_is_the_same() throws Exception {
        run(Rule.SECOND_DRAIN_JOINS, RequestCases::secondDrainJoins);
    }

    /** {@link Rule#EARLIER_DEADLINE_WINS}. @throws Exception when broken */
    @Test
    public void h16_the_earlier_deadline_wins() throws Exception {
        run(Rule.EARLIER_DEADLINE_WINS, RequestCases::earlierDeadlineWins);
    }

    /** {@link Rule#HARDER_MODE_WINS}. @throws Exception when broken */
    @Test
    public void h16_the_harder_mode_wins() throws Exception {
        run(Rule.HARDER_MODE_WINS, RequestCases::harderModeWins);
    }

    /** {@link Rule#DRAIN_FROM_HANDLER}. @throws Exception when broken */
    @Test
    public void a_handler_may_begin_a_drain() throws Exception {
        run(Rule.DRAIN_FROM_HANDLER, RequestCases::drainFromHandler);
    }

    /** {@link Rule#FINISH_UNTIL_DEADLINE}. @throws Exception when broken */
    @Test
    public void what_is_held_is_finished_until_the_deadline() throws Exception {
        run(Rule.FINISH_UNTIL_DEADLINE, ModeCases::untilDeadline);
    }

    /** {@link Rule#FINISH_ALL}. @throws Exception when broken */
    @Test
    public void a_full_drain_finishes_all() throws Exception {
        run(Rule.FINISH_ALL, ModeCases::all);
    }

    /** {@link Rule#STOP_NOW}. @throws Exception when broken */
    @Test
    public void a_hard_drain_gives_everything_back() throws Exception {
        run(Rule.STOP_NOW, ModeCases::stopNow);
    }

    /** {@link Rule#INTERRUPT_AT_DEADLINE}. @throws Exception when broken */
    @Test
    public void h5_a_handler_is_interrupted_at_the_deadline() throws Exception {
        run(Rule.INTERRUPT_AT_DEADLINE, ModeCases::interruptAtDeadline);
    }

    /** {@link Rule#BACK_OFF_NEVER_HOLDS}. @throws Exception when broken */
    @Test
    public void t13_a_back_off_never_holds_a_drain() throws Exception {
        run(Rule.BACK_OFF_NEVER_HOLDS, ModeCases::backOffNeverHolds);
    }

    /** {@link Rule#RELEASE_BY_HANDLER}. @throws Exception when broken */
    @Test
    public void what_a_handler_releases_comes_again() throws Exception {
        run(Rule.RELEASE_BY_HANDLER, FailureCases::releaseByHandler);
    }

    /** {@link Rule#POISON}. @throws Exception when broken */
    @Test
    public void a_poison_message_is_tried_and_rejected() throws Exception {
        run(Rule.POISON, FailureCases::poison);
    }

    /** {@link Rule#RETRY_KEEPS_ORDER}. @throws Exception when broken */
    @Test
    public void h8_a_retry_keeps_the_order_of_its_key() throws Exception {
        run(Rule.RETRY_KEEPS_ORDER, FailureCases::retryKeepsOrder);
    }

    /** {@link Rule#DEAD_LETTER_FIRST}. @throws Exception when broken */
    @Test
    public void a_dead_letter_is_written_first() throws Exception {
        run(Rule.DEAD_LETTER_FIRST, FailureCases::deadLetterFirst);
    }

    /** {@link Rule#DEAD_LETTER_FAILS}. @throws Exception when broken */
    @Test
    public void a_message_without_its_letter_is_not_lost() throws Exception {
        run(Rule.DEAD_LETTER_FAILS, FailureCases::deadLetterFails);
    }

    /** {@link Rule#EMPTY_BODY}. @throws Exception when broken */
    @Test
    public void an_empty_body_is_a_message() throws Exception {
        run(Rule.EMPTY_BODY, PayloadCases::empty);
    }

    /** {@link Rule#LARGE_BODY}. @throws Exception when broken */
    @Test
    public void the_largest_body_arrives_whole() throws Exception {
        run(Rule.LARGE_BODY, PayloadCases::large);
    }

    /** {@link Rule#BINARY_BODY}. @throws Exception when broken */
    @Test
    public void bodies_are_bytes() throws Exception {
        run(Rule.BINARY_BODY, PayloadCases::binary);
    }

    /** {@link Rule#HEADERS}. @throws Exception when broken */
    @Test
    public void headers_arrive_as_they_were_sent() throws Exception {
        run(Rule.HEADERS, PayloadCases::headers);
    }

    /** {@link Rule#UNICODE}. @throws Exception when broken */
    @Test
    public void text_beyond_ascii_arrives() throws Exception {
        run(Rule.UNICODE, PayloadCases::unicode);
    }

    /** {@link Rule#CONCURRENCY_KEPT}. @throws Exception when broken */
    @Test
    public void as_many_handlers_as_allowed_run() throws Exception {
        run(Rule.CONCURRENCY_KEPT, FlowCases::concurrencyKept);
    }

    /** {@link Rule#CONCURRENCY_CHANGES}. @throws Exception when broken */
    @Test
    public void the_concurrency_changes_while_running() throws Exception {
        run(Rule.CONCURRENCY_CHANGES, FlowCases::concurrencyChanges);
    }

    /** {@link Rule#LIMIT_CHANGES}. @throws Exception when broken */
    @Test
    public void the_limit_changes_while_running() throws Exception {
        run(Rule.LIMIT_CHANGES, FlowCases::limitChanges);
    }

    /** {@link Rule#SMALL_LIMIT}. @throws Exception when broken */
    @Test
    public void a_small_limit_loses_nothing() throws Exception {
        run(Rule.SMALL_LIMIT, FlowCases::smallLimit);
    }

    /** {@link Rule#SHARED_SUBSCRIPTION}. @throws Exception when broken */
    @Test
    public void two_consumers_share_a_subscription() throws Exception {
        run(Rule.SHARED_SUBSCRIPTION, FlowCases::shared);
    }

    /** {@link Rule#RESTART}. @throws Exception when broken */
    @Test
    public void a_drained_consumer_starts_again() throws Exception {
        run(Rule.RESTART, FlowCases::restart);
    }

    /** {@link Rule#ROLLING_RESTARTS}. @throws Exception when broken */
    @Test
    public void one_consumer_after_another() throws Exception {
        run(Rule.ROLLING_RESTARTS, FlowCases::rolling);
    }

    /** {@link Rule#BROKER_GONE_BEFORE_DRAIN}. @throws Exception when broken */
    @Test
    public void h5_the_deadline_holds_when_the_broker_has_gone_before() throws Exception {
        run(Rule.BROKER_GONE_BEFORE_DRAIN, CutCases::goneBefore);
    }

    /** {@link Rule#BROKER_GONE_AT_START}. @throws Exception when broken */
    @Test
    public void h5_the_deadline_holds_when_the_broker_was_never_there() throws Exception {
        run(Rule.BROKER_GONE_AT_START, CutCases::goneAtStart);
    }

    /** {@link Rule#RECONNECT}. @throws Exception when broken */
    @Test
    public void a_broker_that_comes_back_is_consumed_again() throws Exception {
        run(Rule.RECONNECT, CutCases::reconnect);
    }

    /** {@link Rule#LEASE_KEPT}. @throws Exception when broken */
    @Test
    public void a_lease_is_kept_through_the_drain() throws Exception {
        run(Rule.LEASE_KEPT, CutCases::leaseKept);
    }

    /** {@link Rule#RANDOM_SCHEDULES}. @throws Exception when broken */
    @Test
    public void random_schedules_add_up() throws Exception {
        run(Rule.RANDOM_SCHEDULES, RandomCases::schedules);
    }

    /**
     * Closes the fixture.
     *
     * @throws Exception when the broker did not end
     */
    @AfterAll
    public void closeFixture() throws Exception {
        BrokerFixture open = fixture;
        fixture = null;
        if (open != null) {
            open.close();
        }
    }

    private interface Case {
        void run(BrokerFixture fixture) throws Exception;
    }

    private void run(Rule rule, Case contract) throws Exception {
        String reason = notApplicable().get(rule);
        if (reason == null) {
            if (fixture == null) {
                fixture = openFixture();
            }
            contract.run(requireNonNull(fixture));
            return;
        }
        if (!rule.isOptional() || reason.isBlank()) {
            throw new AssertionError("notApplicable() = " + rule + ": \"" + reason
                    + "\", only rules about what a broker may lack may be left out, and with a reason");
        }
        System.out.println(
                "contract=" + getClass().getName() + " rule=" + rule + " applies=no reason=\"" + reason + "\"");
    }
}
