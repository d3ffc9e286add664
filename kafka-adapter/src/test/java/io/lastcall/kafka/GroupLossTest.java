package io.lastcall.kafka;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The group turns against a member that works: it must end in time and say what nobody confirmed. */
class GroupLossTest {

    /** Another process took our static name: nothing of ours is committed any more, and the consumer ends with the cause. */
    @Test
    void a_fenced_member_ends_with_the_cause() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), 1)) {
            trial.send(0, 0, 1);
            Map<String, Object> named = new HashMap<>(Trial.protocol("classic"));
            named.put("group.instance.id", "one");
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            MessageConsumer first = MessageConsumer.from(trial.source(named))
                    .name("first")
                    .dropRejected()
                    .handle((message, context) -> {
                        begun.countDown();
                        go.await();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(begun.await(30, SECONDS)).isTrue();
            CountDownLatch again = new CountDownLatch(1);
            MessageConsumer second = MessageConsumer.from(trial.source(named))
                    .name("second")
                    .dropRejected()
                    .handle((message, context) -> {
                        again.countDown();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(again.await(30, SECONDS)).isTrue();
            go.countDown();
            DrainReport report = first.ended().toCompletableFuture().get(30, SECONDS);

            assertThat(report.failure()).as(report.describe()).containsInstanceOf(FencedInstanceIdException.class);
            assertThat(report.counts().accepted()).isZero();
            assertThat(report.clean()).isFalse();
            assertThat(second.drain().clean()).isTrue();
            assertThat(trial.committed(0)).contains(1L);
        }
    }

    /** The right to the group is taken away in mid-life: what is done then stays unconfirmed, in time. */
    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void a_right_that_is_taken_away_ends_the_drain_in_time(String protocol) throws Exception {
        Map<String, String> guarded = Map.of(
                "authorizer.class.name",
                "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "allow.everyone.if.no.acl.found",
                "true");
        Duration budget = Duration.ofSeconds(5);
        try (KafkaBroker broker = KafkaBroker.start(guarded);
                Trial trial = new Trial(broker, 1)) {
            trial.send(0, 0, 3);
            CountDownLatch second = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            MessageConsumer consumer = MessageConsumer.from(trial.source(protocol))
                    .name("guarded")
                    .ordering(Ordering.byLane())
                    .dropRejected()
                    .handle((message, context) -> {
                        if (Trial.text(requireNonNull(message.body())).equals("1")) {
                            second.countDown();
                            go.await();
                        }
                        return Outcome.accept();
                    })
                    .start();
            assertThat(second.await(30, SECONDS)).isTrue();
            await().atMost(Trial.SOON).until(() -> trial.committed(0).equals(Optional.of(1L)));
            AclBinding no = new AclBinding(
                    new ResourcePattern(ResourceType.GROUP, trial.group, PatternType.LITERAL),
                    new AccessControlEntry("User:ANONYMOUS", "*", AclOperation.READ, AclPermissionType.DENY));
            broker.admin().createAcls(List.of(no)).all().get(30, SECONDS);
            // The consumer ends by itself, or by this, whichever is first.
            consumer.beginDrain(DrainRequest.because("test").within(budget));
            go.countDown();
            DrainReport report = consumer.ended().toCompletableFuture().get(30, SECONDS);

            assertThat(report.phases().total()).as(report.describe()).isLessThan(budget.plusSeconds(1));
            assertThat(report.clean()).isFalse();
            assertThat(report.counts().accepted()).as(report.describe()).isEqualTo(1);
            assertThat(everything(report)).contains(GroupAuthorizationException.class.getSimpleName());
        }
    }

    private static String everything(DrainReport report) {
        StringBuilder all = new StringBuilder(report.describe());
        report.problems().forEach(it -> all.append(' ').append(it).append(' ').append(cause(it.cause())));
        report.failure().ifPresent(it -> all.append(' ').append(it));
        return all.toString();
    }

    private static String cause(@org.jspecify.annotations.Nullable Throwable error) {
        return error == null || error.getCause() == null ? "" : error.getCause().toString();
    }
}
