package io.lastcall.benchmarks.chaos;

import io.lastcall.benchmarks.chaos.Patience.OverException;
import io.lastcall.testkit.broker.KafkaBroker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.config.ConfigResource;

/** One round, from its topic to its findings. For one thread. */
final class Round {

    private final RoundPlan plan;
    private final KafkaBroker broker;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Path folder;
    private final ScheduledExecutorService clock;
    private final ExecutorService threads;
    private final RoundLedger ledger = new RoundLedger();
    private final List<String> trouble = new ArrayList<>();

    Round(
            RoundPlan plan,
            KafkaBroker broker,
            KafkaProducer<byte[], byte[]> producer,
            Path folder,
            ScheduledExecutorService clock,
            ExecutorService threads) {
        this.plan = plan;
        this.broker = broker;
        this.producer = producer;
        this.folder = folder;
        this.clock = clock;
        this.threads = threads;
    }

    Findings play() {
        String topic = broker.newTopic(plan.partitions());
        Members members =
                new Members(name -> Member.start(name, plan, broker.bootstrap(), topic, folder, ledger::add), threads);
        List<History> histories = List.of();
        try {
            setSession(topic);
            broker.endOffsets(topic); // waits until each partition has a leader: the producer would not hear of it soon
            RoundPublisher publisher = new RoundPublisher(producer, topic, plan, ledger, clock);
            publisher.start();
            direct(new Faults(plan, broker, ledger, members), publisher);
            members.end();
            histories = members.histories();
        } catch (OverException e) {
            trouble.add(String.valueOf(e.getMessage()));
        } finally {
            members.killAll();
        }
        Findings found =
                RoundCheck.of(plan.kind(), ledger.publishedIds(), histories).with(trouble);
        var unused = broker.admin().deleteTopics(List.of(topic));
        return found;
    }

    /** What does not come in time is said; that ids were lost over it is found afterwards. */
    private void direct(Faults faults, RoundPublisher publisher) {
        try {
            faults.happen();
            Patience.await(ledger.all(), "end of all messages");
        } catch (OverException e) {
            trouble.add(String.valueOf(e.getMessage()));
        }
        publisher.stop();
        if (publisher.failed().isCompletedExceptionally()) {
            trouble.add("the broker refused a message: "
                    + publisher.failed().handle((nothing, why) -> why).join());
        }
    }

    /** With the new protocol the broker says how long a session lasts. The group is called after its topic. */
    private void setSession(String group) throws OverException {
        String session = Long.toString(plan.session().toMillis());
        List<AlterConfigOp> settings = List.of(
                set("consumer.session.timeout.ms", session),
                set("consumer.heartbeat.interval.ms", Protocol.heartbeat(plan.session())));
        Patience.await(
                broker.admin()
                        .incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, group), settings))
                        .all()
                        .toCompletionStage()
                        .toCompletableFuture(),
                "session of the group");
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }
}
