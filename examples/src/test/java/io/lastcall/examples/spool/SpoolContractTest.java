package io.lastcall.examples.spool;

import io.lastcall.testkit.contract.BrokerFixture;
import io.lastcall.testkit.contract.SourceContract;
import java.io.IOException;

/** All cases, without an exemption: a folder can go out of reach too. */
class SpoolContractTest extends SourceContract {

    @Override
    protected BrokerFixture openFixture() throws IOException {
        return new SpoolFixture();
    }
}
