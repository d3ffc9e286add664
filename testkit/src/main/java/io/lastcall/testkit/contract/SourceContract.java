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
     * rules about a lost connection may stand here, see {@link Rule#needsConnection}.
     *
     * @return rules and reasons; by default none
     */
    protected Map<Rule, String> notApplicable() {
        return Map.of();
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
        if (!rule.needsConnection() || reason.isBlank()) {
            throw new AssertionError("notApplicable() = " + rule + ": \"" + reason
                    + "\", only rules about a lost connection may be left out, and with a reason");
        }
        System.out.println(
                "contract=" + getClass().getName() + " rule=" + rule + " applies=no reason=\"" + reason + "\"");
    }
}
