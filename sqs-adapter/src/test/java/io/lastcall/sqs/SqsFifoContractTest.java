package io.lastcall.sqs;

import io.lastcall.testkit.contract.BrokerFixture;
import io.lastcall.testkit.contract.SourceContract;

/** The contract once more, where releases have an order and a key waits for the broker's answer. */
class SqsFifoContractTest extends SourceContract {

    @Override
    protected BrokerFixture openFixture() {
        return new SqsFixture(true);
    }
}
