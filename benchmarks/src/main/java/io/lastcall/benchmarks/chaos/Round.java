package io.lastcall.benchmarks.chaos;

import io.lastcall.benchmarks.chaos.Patience.OverException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;

/** One round, from its topic to its findings. For one thread. */
final class Round {

    private final RoundPlan plan;
    private final ChaosBroker broker;
    private final Path folder;
    private final ScheduledExecutorService clock;
    private final ExecutorService threads;
    private final RoundLedger ledger = new RoundLedger();
    private final List<String> trouble = new ArrayList<>();

    Round(RoundPlan plan, ChaosBroker broker, Path folder, ScheduledExecutorService clock, ExecutorService threads) {
        this.plan = plan;
        this.broker = broker;
        this.folder = folder;
        this.clock = clock;
        this.threads = threads;
    }

    Findings play() {
        List<History> histories = List.of();
        try (RoundQueue queue = broker.open(plan)) {
            Members members = new Members(name -> Member.start(name, plan, queue, folder, ledger::add), threads);
            try {
                RoundPublisher publisher = new RoundPublisher(queue, plan, ledger, clock);
                publisher.start();
                direct(new Faults(plan, broker, ledger, members), publisher);
                members.end();
                histories = members.histories();
            } finally {
                members.killAll();
            }
        } catch (OverException | RuntimeException e) {
            trouble.add(String.valueOf(e.getMessage()));
        }
        return RoundCheck.of(plan.kind(), plan.subscription(), ledger.publishedIds(), histories)
                .with(trouble);
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
}
