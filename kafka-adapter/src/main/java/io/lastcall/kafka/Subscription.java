package io.lastcall.kafka;

import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;

/** What is read. Immutable. */
sealed interface Subscription {

    /** Topics whose partitions the group deals out. */
    record Topics(List<String> names) implements Subscription {
        /** Copies the names. */
        public Topics {
            names = List.copyOf(names);
        }

        @Override
        public String toString() {
            return String.join(",", names);
        }
    }

    /** All topics of the cluster whose names match, those made later too. */
    record Matching(Pattern names) implements Subscription {
        @Override
        public String toString() {
            return "/" + names.pattern() + "/";
        }
    }

    /** These partitions, whatever others read: nobody deals them out or takes them away. */
    record Assigned(List<TopicPartition> partitions) implements Subscription {
        /** Copies the partitions. */
        public Assigned {
            partitions = List.copyOf(partitions);
        }

        @Override
        public String toString() {
            return partitions.stream()
                    .map(TopicPartition::toString)
                    .reduce((one, next) -> one + "," + next)
                    .orElse("");
        }
    }
}
