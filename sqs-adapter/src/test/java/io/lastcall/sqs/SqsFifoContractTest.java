package io.lastcall.sqs;

import io.lastcall.testkit.contract.BrokerFixture;
import io.lastcall.testkit.contract.Rule;
import io.lastcall.testkit.contract.SourceContract;
import java.util.Map;

/** The contract once more, where releases have an order and a key waits for the broker's answer. */
class SqsFifoContractTest extends SourceContract {

    @Override
    protected BrokerFixture openFixture() {
        return new SqsFixture(true);
    }

    @Override
    protected Map<Rule, String> notApplicable() {
        return Map.of(
                Rule.EMPTY_BODY, "SQS takes no message without a body",
                Rule.BINARY_BODY, "the body of an SQS message is text");
    }
}
