package io.lastcall.testkit.contract;

import java.util.Map;

/** The in-memory queue keeps the contract. */
class MemoryContractTest extends SourceContract {

    private static final String NO_CONNECTION = "the queue lives in this process: there is no connection to lose";

    @Override
    protected BrokerFixture openFixture() {
        return new MemoryFixture();
    }

    @Override
    protected Map<Rule, String> notApplicable() {
        return Map.of(
                Rule.SETTLE_FAILURE_REPORTED, NO_CONNECTION,
                Rule.BROKER_GONE_DURING_DRAIN, NO_CONNECTION,
                Rule.BROKER_GONE_BEFORE_DRAIN, NO_CONNECTION,
                Rule.BROKER_GONE_AT_START, NO_CONNECTION,
                Rule.RECONNECT, NO_CONNECTION);
    }
}
