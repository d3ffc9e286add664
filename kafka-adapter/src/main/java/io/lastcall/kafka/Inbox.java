package io.lastcall.kafka;

import io.lastcall.message.Outcome;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Settlement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Settlements on their way from workers to the poll thread. */
final class Inbox {

    private final Queue<List<? extends Settlement<KafkaMessage>>> runs = new ConcurrentLinkedQueue<>();
    private final Wakeup wakeup;

    // Written by the poll thread, read by any: a lane waits for settlements, or the poll thread would sleep over them.
    private volatile boolean awaited;

    // Written by the poll thread, read by any: nobody takes from this any more.
    private volatile boolean closed;

    Inbox(Wakeup wakeup) {
        this.wakeup = wakeup;
    }

    /** Any thread. Wakes the poll thread only if it waits for this: a wake-up for each run costs more than the run. */
    void add(List<? extends Settlement<KafkaMessage>> run) {
        runs.add(run);
        if (closed) {
            refuseAll();
        } else if (awaited) {
            wakeup.now();
        }
    }

    /** Poll thread: whether settlements shall wake it. */
    void awaited(boolean now) {
        awaited = now;
    }

    /** Poll thread: books what has come. Returns how many records became done. */
    int book() {
        int done = 0;
        for (var run = runs.poll(); run != null; run = runs.poll()) {
            done += book(run);
        }
        return done;
    }

    /** Poll thread, last: what comes from now on is answered by whoever brings it. */
    void close() {
        closed = true;
        refuseAll();
    }

    private void refuseAll() {
        for (var run = runs.poll(); run != null; run = runs.poll()) {
            refuse(run, Failure.refused("settled after the source had closed", null));
        }
    }

    private static int book(List<? extends Settlement<KafkaMessage>> run) {
        Partition partition = partitionOf(run);
        if (partition.ended()) {
            refuse(run, Failure.refused(partition + " was taken away before this was settled", null));
            return 0;
        }
        int done = 0;
        List<Settlement<KafkaMessage>> givenBack = null;
        for (Settlement<KafkaMessage> settlement : run) {
            if (isDone(settlement.outcome())) {
                partition.done(settlement);
                done++;
            } else {
                partition.released(settlement);
                givenBack = add(givenBack, settlement);
            }
        }
        if (givenBack != null) {
            // Nothing to tell Kafka: what is not committed is handed out again.
            partition.lane().settled(givenBack);
        }
        return done;
    }

    private static boolean isDone(Outcome outcome) {
        return outcome instanceof Outcome.Accept || outcome instanceof Outcome.Reject;
    }

    private static List<Settlement<KafkaMessage>> add(
            @Nullable List<Settlement<KafkaMessage>> list, Settlement<KafkaMessage> settlement) {
        List<Settlement<KafkaMessage>> grown = list == null ? new ArrayList<>() : list;
        grown.add(settlement);
        return grown;
    }

    private static void refuse(List<? extends Settlement<KafkaMessage>> run, Failure why) {
        partitionOf(run).lane().unsettled(run, why);
    }

    private static Partition partitionOf(List<? extends Settlement<KafkaMessage>> run) {
        return run.get(0).delivery().receipt().partition();
    }
}
