package io.lastcall.benchmarks.chaos;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;

/** How the members of a group agree who gets what. */
enum Protocol {
    /** Each rebalance takes all partitions. */
    EAGER,
    /** The older protocol, but only what goes elsewhere is taken. */
    COOPERATIVE,
    /** KIP-848: the broker decides. */
    CONSUMER;

    /** For the client. The broker sets the session of the last one, see {@link Round}. */
    Map<String, String> properties(Duration session) {
        if (this == CONSUMER) {
            return Map.of("group.protocol", "consumer");
        }
        Map<String, String> properties = new HashMap<>();
        properties.put("session.timeout.ms", Long.toString(session.toMillis()));
        properties.put("heartbeat.interval.ms", heartbeat(session));
        if (this == COOPERATIVE) {
            properties.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
        }
        return properties;
    }

    /** Often enough that one that is late ends no session. */
    static String heartbeat(Duration session) {
        return Long.toString(Math.min(300, session.toMillis() / 4));
    }
}
