package io.lastcall.benchmarks.broker;

import io.lastcall.benchmarks.broker.MadeBody.Strand;
import io.lastcall.testkit.broker.KafkaBroker;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;

/**
 * Three members of a group, restarted in turn under 2,000 messages a second: what is lost, what is repeated, and how long messages wait.
 * And one that is killed at full speed.
 */
final class KafkaRestart {

    private static final int KEYS = 1_000;
    private static final int MEMBERS = 3;
    private static final int PER_SECOND = 2_000;

    /** What the broker asks members of the newer protocol for: by heartbeats they hear of each other. */
    private static final String HEARTBEAT_MILLIS = "200";

    private final KafkaBroker broker;
    private final PrintWriter people;
    private final int messages;
    private final int rounds;

    private KafkaRestart(KafkaBroker broker, PrintWriter people, int messages, int rounds) {
        this.broker = broker;
        this.people = people;
        this.messages = messages;
        this.rounds = rounds;
    }

    static Map<String, Number> measure(Size size, PrintWriter people) throws Exception {
        int messages = size.messages(60_000);
        int rounds = size.rounds(3);
        Map<String, Number> figures = new LinkedHashMap<>();
        figures.put("messages", messages);
        figures.put("perSecond", PER_SECOND);
        figures.put("members", MEMBERS);
        figures.put("rounds", rounds);
        try (KafkaBroker broker = KafkaBroker.start()) {
            new KafkaRestart(broker, people, messages, rounds).measure(figures);
        }
        return figures;
    }

    private void measure(Map<String, Number> figures) throws Exception {
        Map<String, String> kip848 = Map.of("group.protocol", "consumer");
        Map<String, String> eager = Map.of("heartbeat.interval.ms", HEARTBEAT_MILLIS);
        Map<String, String> cooperative = Map.of(
                "heartbeat.interval.ms",
                HEARTBEAT_MILLIS,
                "partition.assignment.strategy",
                CooperativeStickyAssignor.class.getName());
        new KafkaRestart(broker, people, Math.max(1_000, messages / 10), 1).roll("WarmUp", kip848, GroupMember::ours);
        List<Rolled> ours = List.of(
                roll("", kip848, GroupMember::ours),
                roll("Cooperative", cooperative, GroupMember::ours),
                roll("Eager", eager, GroupMember::ours));
        Rolled bare = roll("Bare", kip848, GroupMember::bare);
        List<Rolled> all = new ArrayList<>(ours);
        all.add(bare);
        for (Rolled rolled : all) {
            figures.put("p50Millis" + rolled.name, rolled.latencies.percentileMillis(50));
            figures.put("p99Millis" + rolled.name, rolled.latencies.percentileMillis(99));
            figures.put("maxMillis" + rolled.name, rolled.latencies.percentileMillis(100));
        }
        figures.put("handled", ours.stream().mapToLong(it -> it.tally.handled()).sum());
        figures.put("lost", ours.stream().mapToLong(it -> it.lost(messages)).sum());
        figures.put(
                "repeated", ours.stream().mapToLong(it -> it.tally.violations()).sum());
        figures.put("orderViolations", ours.stream().mapToLong(it -> it.order).sum());
        figures.put("lostBare", bare.lost(messages));
        figures.put("repeatedBare", bare.tally.violations());
        kill(figures);
    }

    /** What came of one kind of members. */
    private record Rolled(String name, Latencies latencies, Sample.Tally tally, long order) {
        long lost(int messages) {
            return messages - (tally.handled() - tally.violations());
        }
    }

    private Rolled roll(String name, Map<String, String> protocol, GroupMember.Maker maker) throws Exception {
        KafkaStock stock = KafkaStock.empty(broker, messages, KEYS);
        String group = stock.newGroup();
        Witness witness = stock.witness(Strand.MESSAGE);
        Witness order = stock.witness(Strand.KEY);
        Latencies latencies = new Latencies(messages);
        List<GroupMember> members = new ArrayList<>();
        try (SteadyPublisher publisher = new SteadyPublisher(stock, PER_SECOND)) {
            publisher.start();
            for (int i = 0; i < MEMBERS; i++) {
                CountDownLatch atWork = new CountDownLatch(1);
                GroupMember member = maker.make(stock, group, protocol, body -> {
                    atWork.countDown();
                    if (!KafkaStock.isProbe(body)) {
                        latencies.saw(body);
                        witness.saw(body);
                        order.saw(body);
                    }
                });
                members.add(member);
                member.start();
                atWork.await();
            }
            publisher.begin();
            int restarts = MEMBERS * rounds;
            for (int restart = 0; restart < restarts; restart++) {
                publisher.awaitSent((int) ((long) messages * (restart + 1) / (restarts + 1)));
                GroupMember member = members.get(restart % MEMBERS);
                member.stop();
                member.start();
            }
            publisher.awaitSent(messages);
            publisher.awaitTaken();
        } finally {
            for (GroupMember member : members) {
                member.stop();
            }
        }
        boolean read = KafkaRest.take(stock, group, body -> {
            if (!KafkaStock.isProbe(body)) {
                witness.saw(body);
                order.saw(body);
            }
        });
        if (!read) {
            throw new IllegalStateException("the rest of " + stock.topic() + " could not be read");
        }
        Rolled rolled =
                new Rolled(name, latencies, witness.tally(0), order.tally(0).violations());
        people.printf(
                Locale.ROOT,
                "%-12s p50 %.1f, p99 %.1f, most %.1f ms, lost %d, repeated %d, out of order %d%n",
                name.isEmpty() ? "KIP-848" : name,
                latencies.percentileMillis(50),
                latencies.percentileMillis(99),
                latencies.percentileMillis(100),
                rolled.lost(messages),
                rolled.tally.violations(),
                rolled.order);
        people.flush();
        return rolled;
    }

    /** As many members as rounds, one after the other: each is killed at full speed. */
    private void kill(Map<String, Number> figures) throws IOException {
        int records = Math.max(1_000, messages * 10);
        long lost = 0;
        long most = 0;
        for (int round = 0; round < rounds; round++) {
            KilledMember.Damage damage = KilledMember.at(KafkaStock.publish(broker, records, KEYS), round);
            people.printf(Locale.ROOT, "SIGKILL, of %d records: %s%n", records, damage);
            people.flush();
            lost += damage.lost();
            most = Math.max(most, damage.repeated());
        }
        figures.put("killInFlight", KilledMember.IN_FLIGHT);
        figures.put("killRepeatedMax", most);
        figures.put("killLost", lost);
    }
}
