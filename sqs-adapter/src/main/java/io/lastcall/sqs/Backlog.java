package io.lastcall.sqs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import io.lastcall.spi.Settlement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The settlements of one lane that are not answered. Answers each exactly once (S5): as the broker did, or, when it did not in
 * time, at {@link #abandon}. Safe for any thread.
 */
final class Backlog {

    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration LONGEST_PAUSE_IN_DRAIN = Duration.ofMillis(200);

    private final Intake<SqsReceipt> intake;
    private final Lane<SqsReceipt> lane;
    private final boolean fifo;
    private final boolean parks;
    private final long interval;
    private final Signal arrived = new Signal();
    private final CompletableFuture<Void> hurrying = new CompletableFuture<>();
    private final CompletableFuture<Void> closing = new CompletableFuture<>();
    private final CompletableFuture<Void> abandoned = new CompletableFuture<>();

    @GuardedBy("this")
    private final Map<Open.Step, Deque<Open>> waiting = new EnumMap<>(Open.Step.class);

    // Those that wait and those that the broker is being asked about. By identity: Open has no equals.
    @GuardedBy("this")
    private final Set<Open> open = new HashSet<>();

    @GuardedBy("this")
    private long turns;

    /**
     * @param fifo whether changes go out one after another, those of one run last to first, and deletes wait for no others
     * @param parks whether a rejected message is sent somewhere before it is deleted
     * @param interval how long a delete may wait for others
     */
    Backlog(Intake<SqsReceipt> intake, Lane<SqsReceipt> lane, boolean fifo, boolean parks, Duration interval) {
        this.intake = intake;
        this.lane = lane;
        this.fifo = fifo;
        this.parks = parks;
        this.interval = fifo ? 0 : interval.toNanos();
        for (Open.Step step : Open.Step.values()) {
            waiting.put(step, new ArrayDeque<>());
        }
    }

    void add(List<? extends Settlement<SqsReceipt>> run) {
        long now = intake.nanoTime();
        boolean tell = true;
        synchronized (this) {
            if (!abandoned.isDone()) {
                int before = queue(Open.Step.DELETE).size();
                List<Open> changes = new ArrayList<>();
                int deletes = 0;
                for (Settlement<SqsReceipt> settlement : run) {
                    Open next = new Open(settlement, now, turns++, parks);
                    deletes += next.step == Open.Step.DELETE ? 1 : 0;
                    open.add(next);
                    if (fifo && next.step == Open.Step.CHANGE) {
                        changes.add(next);
                    } else {
                        queue(next.step).addLast(next);
                    }
                }
                // The first message of a group becomes visible last, so that no later one is hidden when it is received
                // again.
                for (int i = changes.size() - 1; i >= 0; i--) {
                    queue(Open.Step.CHANGE).addLast(changes.get(i));
                }
                // A thread that waits knows of the first already, and until when.
                tell = deletes < run.size() || before == 0 || (isFull(before + deletes) && !isFull(before));
                run = List.of();
            }
        }
        if (!run.isEmpty()) {
            lane.unsettled(run, Failure.refused("the source is closed, the broker was not asked", null));
        }
        if (tell) {
            arrived.fire();
        }
    }

    /**
     * Waits for what one call can ask, all of one step. Empty when it is closing and nothing waits or may come any more.
     *
     * @param letters whether dead letters are asked for, or all else: a queue for letters that hangs must not hold up deletes
     */
    List<Open> take(boolean letters) throws InterruptedException {
        while (true) {
            CompletionStage<Void> change = arrived.next();
            Duration wait;
            synchronized (this) {
                long now = intake.nanoTime();
                List<Open> next = next(now, letters);
                if (!next.isEmpty() || (closing.isDone() && (letters || !isParking()))) {
                    return next;
                }
                Open first = queue(Open.Step.DELETE).peek();
                wait = first == null ? LONG : Duration.ofNanos(Math.max(0, first.since + interval - now));
            }
            intake.await(change, wait);
        }
    }

    /** Takes the broker's answers. False: the broker answered nothing at all, so pause before asking again. */
    boolean conclude(List<Open> batch, List<Answer> answers) {
        List<Settlement<SqsReceipt>> settled = new ArrayList<>();
        Map<Settlement<SqsReceipt>, Failure> failed = new LinkedHashMap<>();
        boolean answered = false;
        boolean letters = batch.get(0).step == Open.Step.PARK;
        synchronized (this) {
            for (int i = batch.size() - 1; i >= 0; i--) { // backwards, since FIFO queues put back at the front
                Open it = batch.get(i);
                Answer answer = answers.get(i);
                answered |= answer.kind() != Answer.Kind.OPEN;
                if (!open.contains(it)) {
                    continue; // abandoned meanwhile
                }
                switch (answer.kind()) {
                    case OPEN -> {
                        it.unsure = true;
                        again(it);
                    }
                    case REFUSED, DOUBTFUL -> {
                        open.remove(it);
                        failed.put(it.settlement, failure(it, answer));
                    }
                    case DONE -> {
                        if (it.step == Open.Step.PARK) {
                            it.step = Open.Step.DELETE;
                            it.unsure = false;
                            again(it);
                        } else {
                            open.remove(it);
                            settled.add(it.settlement);
                        }
                    }
                }
            }
        }
        if (!settled.isEmpty()) {
            lane.settled(settled);
        }
        failed.forEach((settlement, why) -> lane.unsettled(List.of(settlement), why));
        if (letters) {
            arrived.fire(); // those who delete may have work, or none to wait for
        }
        return answered;
    }

    /** Waits after a call that was not answered; shortly in a drain. */
    void pause(Duration time) throws InterruptedException {
        if (hurrying.isDone()) {
            boolean isLong = time.compareTo(LONGEST_PAUSE_IN_DRAIN) > 0;
            intake.await(abandoned, isLong ? LONGEST_PAUSE_IN_DRAIN : time);
        } else {
            intake.await(hurrying, time);
        }
    }

    /** A drain has begun: nothing waits for others any more, and pauses are short. */
    void hurry() {
        hurrying.complete(null);
        arrived.fire();
    }

    /** Lets the threads that take end when nothing waits any more. */
    void close() {
        closing.complete(null);
        hurry();
    }

    /**
     * Answers all that is open as far as we know it: late answers of the broker are dropped.
     *
     * @return how many were open
     */
    int abandon() {
        List<Settlement<SqsReceipt>> notAsked = new ArrayList<>();
        List<Settlement<SqsReceipt>> unknown = new ArrayList<>();
        synchronized (this) {
            open.forEach(it -> (it.asked ? unknown : notAsked).add(it.settlement));
            open.clear();
            waiting.values().forEach(Deque::clear);
            closing.complete(null);
            abandoned.complete(null);
        }
        hurry();
        if (!notAsked.isEmpty()) {
            lane.unsettled(notAsked, Failure.refused("closed before the broker could be asked", null));
        }
        if (!unknown.isEmpty()) {
            lane.unsettled(unknown, Failure.unknown("closed before the broker answered", null));
        }
        return notAsked.size() + unknown.size();
    }

    @GuardedBy("this")
    private boolean isParking() {
        return open.stream().anyMatch(it -> it.step == Open.Step.PARK);
    }

    @GuardedBy("this")
    private List<Open> next(long now, boolean letters) {
        Optional<Deque<Open>> chosen = waiting.values().stream()
                .filter(queue ->
                        !queue.isEmpty() && (queue.element().step == Open.Step.PARK) == letters && isDue(queue, now))
                .min(Comparator.comparingLong(queue -> queue.element().turn));
        if (chosen.isEmpty()) {
            return List.of();
        }
        Open.Step step = chosen.get().element().step;
        boolean single = step == Open.Step.PARK || (fifo && step == Open.Step.CHANGE);
        int size = single ? 1 : Math.min(SqsSource.MOST_AT_ONCE, chosen.get().size());
        List<Open> batch = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            Open it = chosen.get().remove();
            it.asked = true;
            batch.add(it);
        }
        return batch;
    }

    private boolean isDue(Deque<Open> queue, long now) {
        Open first = queue.element();
        return first.step != Open.Step.DELETE
                || isFull(queue.size())
                || hurrying.isDone()
                || now - first.since >= interval;
    }

    private static boolean isFull(int size) {
        return size >= SqsSource.MOST_AT_ONCE;
    }

    @GuardedBy("this")
    private void again(Open it) {
        it.turn = turns++;
        if (fifo) {
            queue(it.step).addFirst(it); // nothing of its group may overtake it
        } else {
            queue(it.step).addLast(it);
        }
    }

    @GuardedBy("this")
    private Deque<Open> queue(Open.Step step) {
        return Objects.requireNonNull(waiting.get(step));
    }

    // A refusal after a missing answer may be the echo of what we did ourselves: then nobody knows.
    private static Failure failure(Open it, Answer answer) {
        String what =
                it.step + (answer.kind() == Answer.Kind.REFUSED ? " was refused: " : " is in doubt: ") + answer.what();
        return it.unsure || answer.kind() == Answer.Kind.DOUBTFUL
                ? Failure.unknown(what, answer.cause())
                : Failure.refused(what, answer.cause());
    }
}
