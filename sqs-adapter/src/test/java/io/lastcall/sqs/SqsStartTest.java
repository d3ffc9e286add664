package io.lastcall.sqs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lastcall.DrainSettings;
import io.lastcall.MessageConsumer;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Source;
import io.lastcall.sqs.HandIntake.Decided;
import io.lastcall.testkit.broker.SqsBroker;
import io.lastcall.testkit.broker.SqsBroker.Counts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/** What a start makes of settings and queue, on a real endpoint. */
class SqsStartTest {

    private static final Logger LOG = logger();

    private final SqsBroker broker = SqsBroker.shared();
    private final Calls calls = new Calls();
    private final SqsClient client = broker.newClient()
            .overrideConfiguration(it -> it.addExecutionInterceptor(calls))
            .build();
    private final HandIntake intake = new HandIntake(100);
    private final List<Source<SqsReceipt>> opened = new ArrayList<>();
    // Filled by any thread that starts a source; by queue name, since other tests log beside us.
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();

    @SuppressWarnings("LockOnNonEnclosingClassLiteral") // held while another test's class sets logging up
    private static Logger logger() {
        synchronized (LoggerFactory.class) {
            return (Logger) LoggerFactory.getLogger(SqsSubscription.class);
        }
    }

    @BeforeEach
    void listen() {
        said.start();
        LOG.addAppender(said);
    }

    @AfterEach
    void closeAll() throws Exception {
        LOG.detachAppender(said);
        for (Source<SqsReceipt> source : opened) {
            source.stopReceiving();
        }
        for (Source<SqsReceipt> source : opened) {
            source.close(HandIntake.PATIENCE);
        }
        client.close();
        assertThat(intake.failures).isEmpty();
    }

    @Test
    void a_queue_is_found_by_its_name_and_by_its_url() throws Exception {
        String one = broker.newQueue().create();
        String other = broker.newQueue().create();
        send(one);
        send(other);

        start(source(one));
        start(source(QueueFacts.nameOf(other)));

        assertThat(intake.next(2))
                .extracting(it -> it.message().origin().destination())
                .containsExactlyInAnyOrder(QueueFacts.nameOf(one), QueueFacts.nameOf(other));
    }

    @Test
    void as_many_receive_as_are_set_and_none_asks_for_more_than_ten_nor_together_for_more_than_there_is_room_for()
            throws Exception {
        AwsQueue queue = new AwsQueue(false, Duration.ofHours(1));
        AwsClient observed = new AwsClient(queue);
        CountDownLatch asked = new CountDownLatch(3);
        observed.before = request -> {
            if (request instanceof ReceiveMessageRequest) {
                asked.countDown();
            }
        };
        HandIntake roomy = new HandIntake(27);
        Source<SqsReceipt> source = SqsSource.queue(observed.url())
                .client(observed)
                .waitTime(Duration.ofSeconds(20))
                .drain(DrainSettings.within(Duration.ofMinutes(2)))
                .receivers(3)
                .open();
        source.start(roomy);

        assertThat(asked.await(HandIntake.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(observed.of(ReceiveMessageRequest.class))
                .extracting(ReceiveMessageRequest::maxNumberOfMessages)
                .containsExactlyInAnyOrder(10, 10, 7);
        source.stopReceiving();
        queue.answerAtOnce(true);
        source.close(HandIntake.PATIENCE);
    }

    @Test
    void a_wait_is_cut_to_what_the_drain_gives_the_stop() {
        SqsSource longest = SqsSource.queue("q").waitTime(Duration.ofSeconds(20));

        assertThat(waits(longest)).isEqualTo(Duration.ofSeconds(8));
        assertThat(waits(longest.drain(DrainSettings.within(Duration.ofSeconds(6)))))
                .isEqualTo(Duration.ofSeconds(1));
        assertThat(waits(longest.drain(DrainSettings.within(Duration.ofMinutes(2)))))
                .isEqualTo(Duration.ofSeconds(20));
        assertThat(waits(longest.drain(DrainSettings.DEFAULT.stopReceiving(Duration.ofMillis(3_200)))))
                .isEqualTo(Duration.ofSeconds(2));
        assertThat(waits(SqsSource.queue("q"))).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void a_cut_wait_is_what_sqs_is_asked_for_and_is_said() throws Exception {
        String url = broker.newQueue().create();

        start(source(url).waitTime(Duration.ofSeconds(20)).drain(DrainSettings.within(Duration.ofSeconds(4))));
        calls.await(ReceiveMessageRequest.class);

        assertThat(calls.of(ReceiveMessageRequest.class).get(0).waitTimeSeconds())
                .isEqualTo(1);
        assertThat(said(url, Level.INFO)).anyMatch(it -> it.contains("waits shorter than waitTime"));
        assertThat(said(url, Level.WARN)).isEmpty();
    }

    @Test
    void a_drain_too_short_for_the_shortest_wait_is_warned_of() throws Exception {
        String url = broker.newQueue().create();

        start(source(url).drain(DrainSettings.within(Duration.ofSeconds(2))));

        assertThat(said(url, Level.WARN))
                .singleElement()
                .asString()
                .contains("cannot wait so shortly", "stopReceiving=PT0.666");
    }

    @Test
    void a_redrive_limit_too_small_for_the_drains_to_come_is_warned_of() throws Exception {
        String letters = broker.newQueue().create();
        String few = broker.newQueue().redrive(letters, 9).create();
        String enough = broker.newQueue().redrive(letters, 10).create();

        start(source(few));
        start(source(enough));

        assertThat(said(few, Level.WARN))
                .singleElement()
                .asString()
                .contains("set maxReceiveCount to 10 at least", "maxReceives=9");
        assertThat(said(enough, Level.WARN)).isEmpty();
    }

    @Test
    void rejected_messages_go_to_the_queue_of_the_redrive_policy_when_told() throws Exception {
        String letters = broker.newQueue().create();
        String url = broker.newQueue().redrive(letters, 10).create();
        send(url);
        Source<SqsReceipt> source = start(source(url).deadLetterQueueOfRedrivePolicy());

        source.settle(List.of(new Decided(intake.next(), Outcome.reject("bad"))));

        assertThat(intake.answer().failure()).isNull();
        assertThat(broker.counts(url)).isEqualTo(new Counts(0, 0, 0));
        assertThat(broker.counts(letters)).isEqualTo(new Counts(1, 0, 0));
    }

    @Test
    void a_letter_to_a_fifo_queue_stays_in_its_group_and_is_there_once() throws Exception {
        String letters = broker.newQueue().fifo().create();
        String url = broker.newQueue().fifo().create();
        for (String id : List.of("one", "other")) {
            broker.client()
                    .sendMessage(request -> request.queueUrl(url)
                            .messageBody("both alike")
                            .messageGroupId("group")
                            .messageDeduplicationId(id));
        }
        Source<SqsReceipt> source = start(source(url).deadLetterQueue(letters));
        List<Delivery<SqsReceipt>> poison = intake.next(2);

        for (Delivery<SqsReceipt> each : List.of(poison.get(0), poison.get(1), poison.get(1))) {
            source.settle(List.of(new Decided(each, Outcome.reject("sent again where the answer was lost"))));
            intake.answer();
        }

        assertThat(broker.counts(letters)).isEqualTo(new Counts(2, 0, 0));
        start(source(letters));
        for (Delivery<SqsReceipt> letter : intake.next(2)) {
            assertThat(letter.message().key()).asString().isEqualTo("group");
        }
    }

    @Test
    void without_a_place_for_dead_letters_nothing_starts_unless_drops_are_allowed() {
        String url = broker.newQueue().create();

        assertThatThrownBy(() -> MessageConsumer.from(source(url)).handle((message, context) -> Outcome.accept()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has no dead letters of its own");
        assertThatThrownBy(() ->
                        source(url).deadLetterQueueOfRedrivePolicy().open().start(intake))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the queue has no redrive policy");
        assertThat(intake.opened).isEmpty();
        assertThat(MessageConsumer.from(source(url))
                        .dropRejected()
                        .handle((message, context) -> Outcome.accept())
                        .snapshot()
                        .counts()
                        .received())
                .isZero();
    }

    private static Duration waits(SqsSource source) {
        return source.settings().waitTime();
    }

    private List<String> said(String url, Level level) {
        synchronized (said) {
            return said.list.stream()
                    .filter(it -> it.getLevel() == level)
                    .map(ILoggingEvent::getFormattedMessage)
                    .filter(it -> it.contains("queue=" + QueueFacts.nameOf(url)))
                    .toList();
        }
    }

    private SqsSource source(String queue) {
        return SqsSource.queue(queue).client(client).waitTime(Duration.ofSeconds(1));
    }

    private Source<SqsReceipt> start(SqsSource factory) throws Exception {
        Source<SqsReceipt> source = factory.open();
        opened.add(source);
        source.start(intake);
        return source;
    }

    private void send(String url) {
        broker.client().sendMessage(request -> request.queueUrl(url).messageBody("m"));
    }
}
