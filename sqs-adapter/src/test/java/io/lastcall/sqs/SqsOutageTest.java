package io.lastcall.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Extension;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Source;
import io.lastcall.sqs.HandIntake.Answered;
import io.lastcall.sqs.HandIntake.Decided;
import io.lastcall.testkit.broker.SqsBroker;
import io.lastcall.testkit.broker.SqsBroker.Counts;
import io.lastcall.testkit.broker.TcpProxy;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import software.amazon.awssdk.services.sqs.SqsClient;

/** The source while its broker is killed, frozen, and comes back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SqsOutageTest {

    private static final Duration RESERVE = Duration.ofSeconds(2);

    private final SqsBroker broker = SqsBroker.start();
    // Fresh for each test; the test's thread only.
    private HandIntake intake = new HandIntake(20);
    private boolean dead;

    @BeforeEach
    void fresh() {
        intake = new HandIntake(20);
    }

    @AfterEach
    void mend() {
        if (dead) {
            broker.startAgain();
            dead = false;
        }
        assertThat(intake.failures).isEmpty();
    }

    @AfterAll
    void closeBroker() {
        broker.close();
    }

    /** Cut off, not killed: ElasticMQ answers a receive before the receipt handle is on its disk. */
    @Test
    void a_settlement_outlives_the_way_to_the_broker() throws Exception {
        String url = broker.newQueue().visibility(Duration.ofMinutes(5)).create();
        send(url, "a");
        InetSocketAddress address = new InetSocketAddress(
                broker.endpoint().getHost(), broker.endpoint().getPort());
        try (TcpProxy proxy = TcpProxy.before(address, task -> new Thread(task, "cut-off"));
                SqsClient client = broker.newClient()
                        .endpointOverride(
                                URI.create("http://127.0.0.1:" + proxy.address().getPort()))
                        .build()) {
            Source<SqsReceipt> source = start(url, client);
            Delivery<SqsReceipt> delivery = intake.next();

            proxy.cut();
            source.settle(List.of(new Decided(delivery, Outcome.accept())));
            assertThat(source.extend(List.of(delivery)).toCompletableFuture().get(30, TimeUnit.SECONDS))
                    .containsExactly(Extension.UNKNOWN);
            assertThat(intake.answers).isEmpty();
            proxy.mend();

            assertThat(intake.answer().failure()).isNull();
            assertThat(broker.counts(url)).isEqualTo(new Counts(0, 0, 0));
            close(source);
        }
    }

    @Test
    void receiving_goes_on_when_the_broker_is_back() throws Exception {
        String url = broker.newQueue().visibility(Duration.ofMinutes(5)).create();
        Source<SqsReceipt> source = start(url);
        send(url, "before");
        intake.next();

        kill();
        revive();
        send(url, "after");

        assertThat(intake.next().message().body()).asString().isEqualTo("after");
        close(source);
    }

    @Test
    void s6_close_answers_what_a_dead_broker_does_not() throws Exception {
        String url = broker.newQueue().visibility(Duration.ofMinutes(5)).create();
        send(url, "a");
        send(url, "b");
        Source<SqsReceipt> source = start(url);
        List<Delivery<SqsReceipt>> both = intake.next(2);
        kill();

        source.settle(List.of(new Decided(both.get(0), Outcome.accept())));
        source.settle(List.of(new Decided(both.get(1), Outcome.release())));
        long begin = System.nanoTime();
        closeInVain(source);

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(RESERVE.plusMillis(250));
        assertThat(intake.answers(2)).allMatch(answer -> answer.failure() != null);
        revive();
        assertThat(broker.counts(url).visible() + broker.counts(url).inFlight()).isEqualTo(2);
    }

    @Test
    void s5_a_late_answer_after_close_is_not_told_again() throws Exception {
        String url = broker.newQueue().visibility(Duration.ofMinutes(5)).create();
        send(url, "a");
        Source<SqsReceipt> source = start(url);
        Delivery<SqsReceipt> delivery = intake.next();
        assertThat(intake.await(source.stopReceiving(), HandIntake.PATIENCE)).isTrue();
        broker.suspend();
        try {
            source.settle(List.of(new Decided(delivery, Outcome.accept())));
            assertThatThrownBy(() -> source.close(RESERVE)).isInstanceOf(TimeoutException.class);
            Answered answer = intake.answer();
            Failure failure = answer.failure();
            assertThat(failure).isNotNull();
            assertThat(failure == null ? null : failure.kind()).isEqualTo(Failure.Kind.UNKNOWN);
        } finally {
            broker.resume();
        }

        for (Thread thread : intake.threadsAlive()) {
            thread.join(HandIntake.PATIENCE.toMillis());
        }
        assertThat(intake.threadsAlive()).isEmpty();
        assertThat(intake.answers).isEmpty();
        assertThat(broker.counts(url)).isEqualTo(new Counts(0, 0, 0));
    }

    private Source<SqsReceipt> start(String url) throws Exception {
        return start(url, broker.client());
    }

    private Source<SqsReceipt> start(String url, SqsClient client) throws Exception {
        Source<SqsReceipt> source = SqsSource.queue(url)
                .client(client)
                .waitTime(Duration.ofSeconds(1))
                .open();
        source.start(intake);
        return source;
    }

    private void kill() {
        broker.kill9();
        dead = true;
    }

    private void revive() {
        broker.startAgain();
        dead = false;
    }

    private static void close(Source<SqsReceipt> source) throws Exception {
        source.stopReceiving();
        source.close(HandIntake.PATIENCE);
    }

    /** Whether a call is under way that does not return is chance; that close throws nothing else is not. */
    private static void closeInVain(Source<SqsReceipt> source) throws Exception {
        try {
            source.close(RESERVE);
        } catch (TimeoutException expected) {
            assertThat(expected).hasMessageContaining("SQS");
        }
    }

    private void send(String url, String body) {
        broker.client().sendMessage(request -> request.queueUrl(url).messageBody(body));
    }
}
