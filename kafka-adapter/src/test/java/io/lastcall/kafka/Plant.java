package io.lastcall.kafka;

/** Faults of an adapter that the simulation must find; planted where they would show, between the adapter and its client. */
enum Plant {
    NONE,
    COMMIT_PAST_A_GAP,
    COMMIT_AFTER_LOST,
    RECORD_POLLED_IN_THE_STOP_DROPPED,
    PAUSE_FORGOTTEN_AFTER_A_REBALANCE,
    RESUME_FORGOTTEN_AFTER_A_REBALANCE,
    STALE_EPOCH_SETTLES,
    METADATA_TRUSTED_BLINDLY,
    LAST_COMMIT_FORGOTTEN
}
