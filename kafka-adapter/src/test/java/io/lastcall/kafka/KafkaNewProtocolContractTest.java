package io.lastcall.kafka;

import io.lastcall.testkit.contract.BrokerFixture;
import io.lastcall.testkit.contract.SourceContract;

/** With the group protocol of KIP-848, whose client is another one. */
class KafkaNewProtocolContractTest extends SourceContract {

    @Override
    protected BrokerFixture openFixture() {
        return new KafkaFixture("consumer");
    }
}
