package io.lastcall.testkit.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lastcall.testkit.Signals;
import io.lastcall.testkit.contract.Forgeries.Forgery;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The contract over a fixture that somebody has made worse. */
final class ForgedContract extends SourceContract {

    static final Duration PATIENCE = Duration.ofSeconds(4);

    private final BrokerFixture fixture;

    ForgedContract(BrokerFixture fixture) {
        this.fixture = fixture;
    }

    /** Over a memory queue whose sources are forged, and which can be cut off if the forger listens to that. */
    static SourceContract over(Forgery forgery, Signals signals) {
        return new ForgedContract(new MemoryFixture(good -> Forgeries.around(good, forgery), PATIENCE) {
            @Override
            public void cut() {
                signals.fire("cut");
            }
        });
    }

    static void assertRed(ThrowingCallable contractCase, String says) {
        assertThatThrownBy(contractCase).isInstanceOf(AssertionError.class).hasMessageContaining(says);
    }

    @Override
    protected BrokerFixture openFixture() {
        return fixture;
    }
}
