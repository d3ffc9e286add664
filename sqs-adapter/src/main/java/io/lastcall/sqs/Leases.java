package io.lastcall.sqs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Extension;
import io.lastcall.spi.Intake;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Extends the leases of held messages on a thread of its own, so that no settlement keeps them waiting, and up to the twelve hours
 * that SQS allows. An extension that is not answered is not tried again: the next is due before the lease is over. Safe for any
 * thread.
 */
final class Leases implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Leases.class);
    private static final Duration LONG = Duration.ofHours(1);

    private final String queue;
    private final Intake<SqsReceipt> intake;
    private final BatchCalls calls;
    private final Duration lease;
    private final Signal arrived = new Signal();

    @GuardedBy("this")
    private final Deque<Request> requests = new ArrayDeque<>();

    @GuardedBy("this")
    private boolean closed;

    private record Request(List<Delivery<SqsReceipt>> held, CompletableFuture<List<Extension>> answer) {
        void unknown() {
            answer.complete(Collections.nCopies(held.size(), Extension.UNKNOWN));
        }
    }

    Leases(String queue, Intake<SqsReceipt> intake, BatchCalls calls, Duration lease) {
        this.queue = queue;
        this.intake = intake;
        this.calls = calls;
        this.lease = lease;
    }

    CompletionStage<List<Extension>> extend(List<Delivery<SqsReceipt>> held) {
        Request request = new Request(held, new CompletableFuture<>());
        boolean late;
        synchronized (this) {
            late = closed;
            if (!late) {
                requests.add(request);
            }
        }
        if (late) {
            request.unknown();
        }
        arrived.fire();
        return request.answer;
    }

    /** Ends the thread after the call that is under way. */
    void close() {
        List<Request> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(requests);
            requests.clear();
        }
        arrived.fire();
        left.forEach(Request::unknown);
    }

    @Override
    public void run() {
        try {
            for (Request next = take(); next != null; next = take()) {
                answer(next);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            intake.failed(e);
        } catch (RuntimeException | Error e) {
            intake.failed(e);
        } finally {
            close();
        }
    }

    private @Nullable Request take() throws InterruptedException {
        while (true) {
            CompletionStage<Void> change = arrived.next();
            synchronized (this) {
                Request next = requests.poll();
                if (next != null || closed) {
                    return next;
                }
            }
            intake.await(change, LONG);
        }
    }

    private void answer(Request request) {
        try {
            List<Extension> all = new ArrayList<>(request.held.size());
            for (int from = 0; from < request.held.size(); from += SqsSource.MOST_AT_ONCE) {
                int to = Math.min(request.held.size(), from + SqsSource.MOST_AT_ONCE);
                List<Delivery<SqsReceipt>> few = request.held.subList(from, to);
                all.addAll(isClosed() ? Collections.nCopies(few.size(), Extension.UNKNOWN) : ask(few));
            }
            request.answer.complete(all);
        } finally {
            request.unknown(); // where an error left it without
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** One call, without those whose longest lease is over. */
    private List<Extension> ask(List<Delivery<SqsReceipt>> few) {
        long now = intake.nanoTime();
        List<SqsReceipt> receipts = new ArrayList<>(few.size());
        List<BatchCalls.Change> changes = new ArrayList<>(few.size());
        for (Delivery<SqsReceipt> each : few) {
            int seconds = (int) extension(each.receipt(), now).toSeconds();
            if (seconds > 0) {
                receipts.add(each.receipt());
                changes.add(new BatchCalls.Change(each.receipt().handle(), seconds));
            }
        }
        List<Answer> answers = changes.isEmpty() ? List.of() : calls.change(changes);
        Map<SqsReceipt, Extension> said = new HashMap<>(); // by identity: receipts have no equals
        for (int i = 0; i < receipts.size(); i++) {
            Extension extension = extension(answers.get(i));
            if (extension == Extension.EXTENDED) {
                receipts.get(i).extended(now, Duration.ofSeconds(changes.get(i).seconds()));
            }
            said.put(receipts.get(i), extension);
        }
        return few.stream()
                .map(each -> said.getOrDefault(each.receipt(), Extension.LAPSED))
                .toList();
    }

    /**
     * For how long SQS will take it; zero where no other extension would come before the longest lease is over: the handler is to be
     * told while the message is still hidden, or another would run beside it.
     */
    private Duration extension(SqsReceipt receipt, long now) {
        Duration most = receipt.longestLease(now);
        if (most.compareTo(lease.dividedBy(3)) <= 0) {
            return Duration.ZERO;
        }
        return most.compareTo(lease) < 0 ? most : lease;
    }

    private Extension extension(Answer answer) {
        if (answer.kind() == Answer.Kind.DONE) {
            return Extension.EXTENDED;
        }
        if (answer.isLapsed()) {
            return Extension.LAPSED;
        }
        log.warn("sqs lease not extended queue={} error={}", queue, answer.what());
        return Extension.UNKNOWN;
    }
}
