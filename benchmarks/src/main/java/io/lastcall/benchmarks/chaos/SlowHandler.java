package io.lastcall.benchmarks.chaos;

import io.lastcall.HandlingContext;
import io.lastcall.MessageHandler;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Takes a while, the same for the same message, and tells when it begins and ends. Safe for any thread. */
final class SlowHandler implements MessageHandler<String> {

    private final LedgerPen pen;
    private final ScheduledExecutorService clock;
    private final int meanMicros;

    SlowHandler(LedgerPen pen, ScheduledExecutorService clock, int meanMicros) {
        this.pen = pen;
        this.clock = clock;
        this.meanMicros = meanMicros;
    }

    @Override
    public Outcome handle(Message<String> message, HandlingContext context) throws Exception {
        String[] words = Objects.requireNonNull(message.body(), "body").split(" ", -1);
        int id = Integer.parseInt(words[0]);
        int key = Integer.parseInt(words[1]);
        pen.tell(Step.What.STARTED, id, key);
        Step.What end = Step.What.BROKEN;
        try {
            work(id);
            end = Step.What.FINISHED;
        } finally {
            pen.tell(end, id, key);
        }
        return Outcome.accept();
    }

    private void work(int id) throws Exception {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        long micros = new SplittableRandom(id).nextLong(2L * meanMicros);
        var unused = clock.schedule(() -> done.complete(true), micros, TimeUnit.MICROSECONDS);
        done.get();
    }
}
