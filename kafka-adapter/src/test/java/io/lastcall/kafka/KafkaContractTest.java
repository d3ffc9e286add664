package io.lastcall.kafka;

import io.lastcall.testkit.contract.BrokerFixture;
import io.lastcall.testkit.contract.SourceContract;

/** With the classic group protocol, which rebalances eagerly. */
class KafkaContractTest extends SourceContract {

    @Override
    protected BrokerFixture openFixture() {
        return new KafkaFixture("classic");
    }
}
