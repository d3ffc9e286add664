package io.lastcall.rabbit;

import io.lastcall.testkit.contract.BrokerFixture;
import io.lastcall.testkit.contract.SourceContract;

/** Over classic queues, where giving back is free. */
class RabbitContractTest extends SourceContract {

    @Override
    protected BrokerFixture openFixture() {
        return new RabbitFixture(QueueType.CLASSIC);
    }
}
