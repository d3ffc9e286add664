package io.lastcall.kafka;

import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;

/** Whether a member leaves its group when it closes (KIP-1092). */
public enum KafkaLeave {
    /** A member leaves, one with a {@code group.instance.id} stays, so that its successor finds its partitions. */
    AUTO(GroupMembershipOperation.DEFAULT),

    /** It leaves, also with a {@code group.instance.id}: for scaling in, when nobody will come back. */
    ALWAYS(GroupMembershipOperation.LEAVE_GROUP),

    /** It stays until its session times out: whoever comes back sooner causes no rebalance, others wait for its partitions. */
    NEVER(GroupMembershipOperation.REMAIN_IN_GROUP);

    private final GroupMembershipOperation operation;

    KafkaLeave(GroupMembershipOperation operation) {
        this.operation = operation;
    }

    GroupMembershipOperation operation() {
        return operation;
    }
}
