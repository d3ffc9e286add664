package io.lastcall.sqs;

import io.lastcall.testkit.contract.BrokerFixture;
import io.lastcall.testkit.contract.SourceContract;

class SqsContractTest extends SourceContract {

    @Override
    protected BrokerFixture openFixture() {
        return new SqsFixture(false);
    }
}
