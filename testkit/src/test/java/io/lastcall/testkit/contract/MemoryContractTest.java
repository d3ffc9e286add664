package io.lastcall.testkit.contract;

/** The in-memory queue keeps the contract. */
class MemoryContractTest extends SourceContract {

    @Override
    protected BrokerFixture openFixture() {
        return new MemoryFixture();
    }
}
