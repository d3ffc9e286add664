package io.lastcall.benchmarks.chaos;

import io.lastcall.ConsumerBuilder;
import io.lastcall.MessageConsumer;
import io.lastcall.kafka.KafkaSource;
import io.lastcall.testkit.broker.KafkaBroker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Rounds on Kafka: a topic each, and a group that is called after it. */
final class KafkaRounds implements ChaosBroker {

    private final KafkaBroker broker = KafkaBroker.start();
    private final KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
            Map.of(
                    ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                    broker.bootstrap(),
                    ProducerConfig.ACKS_CONFIG,
                    "all",
                    ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                    true,
                    ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                    200,
                    ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                    5_000,
                    ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                    45_000),
            new ByteArraySerializer(),
            new ByteArraySerializer());

    @Override
    public RoundQueue open(RoundPlan plan) throws Patience.OverException {
        String topic = broker.newTopic(plan.partitions());
        setSession(topic, plan.session());
        broker.endOffsets(topic); // waits until each partition has a leader: the producer would not hear of it soon
        return new Topic(topic);
    }

    /** With the new protocol the broker says how long a session lasts. */
    private void setSession(String group, Duration session) throws Patience.OverException {
        List<AlterConfigOp> settings = List.of(
                set("consumer.session.timeout.ms", Long.toString(session.toMillis())),
                set("consumer.heartbeat.interval.ms", heartbeat(session)));
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

    @Override
    public void kill9() {
        broker.kill9();
    }

    @Override
    public void startAgain() {
        broker.startAgain();
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
        broker.close();
    }

    /** What a member consumes. */
    static ConsumerBuilder<byte[]> consumer(MemberPlan plan) {
        return MessageConsumer.from(KafkaSource.topics(plan.queue())
                .groupId(plan.queue())
                .properties(Map.of(
                        "bootstrap.servers", plan.address(),
                        "auto.offset.reset", "earliest",
                        "reconnect.backoff.max.ms", "200"))
                .properties(group(plan.subscription(), plan.session()))
                .commitInterval(plan.settleInterval()));
    }

    private static Map<String, String> group(Subscription subscription, Duration session) {
        if (subscription == Subscription.CONSUMER) {
            return Map.of("group.protocol", "consumer");
        }
        Map<String, String> properties = new HashMap<>();
        properties.put("session.timeout.ms", Long.toString(session.toMillis()));
        properties.put("heartbeat.interval.ms", heartbeat(session));
        if (subscription == Subscription.COOPERATIVE) {
            properties.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
        }
        return properties;
    }

    /** Often enough that one that is late ends no session. */
    private static String heartbeat(Duration session) {
        return Long.toString(Math.min(300, session.toMillis() / 4));
    }

    private final class Topic implements RoundQueue {

        private final String name;

        Topic(String name) {
            this.name = name;
        }

        @Override
        public String address() {
            return broker.bootstrap();
        }

        @Override
        public String name() {
            return name;
        }

        /** The producer goes on until the broker has it. */
        @Override
        public CompletableFuture<Boolean> publish(int id, int key) {
            CompletableFuture<Boolean> answer = new CompletableFuture<>();
            byte[] words = ("key-" + key).getBytes(StandardCharsets.US_ASCII);
            var unused = producer.send(new ProducerRecord<>(name, words, RoundQueue.body(id, key)), (place, e) -> {
                if (e == null) {
                    answer.complete(true);
                } else {
                    answer.completeExceptionally(e);
                }
            });
            return answer;
        }

        @Override
        public void close() {
            var unused = broker.admin().deleteTopics(List.of(name));
        }
    }
}
