package io.lastcall.sqs;

import io.lastcall.testkit.contract.BrokerFixture;
import io.lastcall.testkit.contract.Rule;
import io.lastcall.testkit.contract.SourceContract;
import java.util.Map;

class SqsContractTest extends SourceContract {

    @Override
    protected BrokerFixture openFixture() {
        return new SqsFixture(false);
    }

    @Override
    protected Map<Rule, String> notApplicable() {
        return Map.of(
                Rule.EMPTY_BODY, "SQS takes no message without a body",
                Rule.BINARY_BODY, "the body of an SQS message is text");
    }
}
