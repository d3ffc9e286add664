package io.lastcall.examples.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.message.Outcome;
import io.lastcall.sqs.SqsSource;
import io.lastcall.testkit.Signals;
import io.lastcall.testkit.broker.SqsBroker;
import io.lastcall.testkit.broker.TcpProxy;
import io.lastcall.testkit.broker.TcpProxy.Way;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Connections stay open and nobody answers any more: neither reset nor end tells the client. */
class HalfOpenDrainTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration WITHIN = Duration.ofSeconds(4);
    /** What a drain may take beyond its deadline (H5). */
    private static final Duration SLACK = Duration.ofMillis(250);

    private final Signals signals = new Signals();
    private final SqsBroker broker = SqsBroker.shared();
    private final String queue =
            broker.newQueue().visibility(Duration.ofMinutes(10)).create();

    @Test
    void a_drain_through_a_half_open_connection_ends_by_its_deadline_and_says_what_nobody_knows() throws Exception {
        broker.client().sendMessage(request -> request.queueUrl(queue).messageBody("one"));
        InetSocketAddress address = new InetSocketAddress(
                broker.endpoint().getHost(), broker.endpoint().getPort());
        try (TcpProxy proxy = TcpProxy.before(address, task -> new Thread(task, "half-open"));
                SqsClient client = broker.newClient()
                        .endpointOverride(
                                URI.create("http://127.0.0.1:" + proxy.address().getPort()))
                        .build()) {
            MessageConsumer consumer = MessageConsumer.from(
                            SqsSource.queue(queue).client(client).waitTime(Duration.ofSeconds(1)))
                    .name("half-open")
                    .dropRejected()
                    .handle((message, context) -> {
                        signals.fire("started");
                        signals.await("go", PATIENCE);
                        return Outcome.accept();
                    })
                    .start();
            signals.await("started", PATIENCE);

            var bitten = proxy.swallow(Way.TO_TARGET, Way.TO_CLIENT).toCompletableFuture();
            signals.fire("go");
            bitten.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
            DrainReport report = consumer.beginDrain(
                            DrainRequest.because("half open").within(WITHIN))
                    .toCompletableFuture()
                    .get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);

            assertThat(report.phases().total()).as("%s", report.describe()).isLessThanOrEqualTo(WITHIN.plus(SLACK));
            assertThat(report.clean()).as("%s", report.describe()).isFalse();
            assertThat(report.counts().received()).as("%s", report.describe()).isEqualTo(1);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isZero();
            assertThat(report.counts().unconfirmed())
                    .as("%s", report.describe())
                    .isEqualTo(1);
        }
        assertThat(broker.counts(queue)).as("the delete was swallowed").isEqualTo(new SqsBroker.Counts(0, 1, 0));
    }
}
