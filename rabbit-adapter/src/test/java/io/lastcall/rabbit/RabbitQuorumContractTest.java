package io.lastcall.rabbit;

import io.lastcall.testkit.contract.BrokerFixture;
import io.lastcall.testkit.contract.SourceContract;

/** Over quorum queues, where giving back costs an attempt on servers before 4.3. */
class RabbitQuorumContractTest extends SourceContract {

    @Override
    protected BrokerFixture openFixture() {
        return new RabbitFixture(QueueType.QUORUM);
    }
}
