package io.lastcall.testkit.contract;

import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import io.lastcall.testkit.contract.Forgeries.Answering;
import io.lastcall.testkit.contract.Forgeries.Bent;
import io.lastcall.testkit.contract.Forgeries.Forged;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Sources that tell the broker something else than they were told. */
final class OutcomeForgeries {

    private OutcomeForgeries() {}

    /** Every settlement is answered, and the broker is told of none. */
    static <R> Source<R> forgetsSettlements(Source<R> good) {
        return new Bent<>(good, Function.identity()) {
            @Override
            public void settle(List<? extends Settlement<R>> run) {
                lane().settled(run);
            }
        };
    }

    /** What is received is acknowledged at once; what becomes of it is not asked. */
    static <R> Source<R> acknowledgesOnReceipt(Source<R> good) {
        return new Bent<>(good, lane -> new PassingFactory.PassingLane<>(lane) {
            @Override
            public boolean offer(List<Delivery<R>> batch) {
                List<Settlement<R>> forged = new ArrayList<>();
                batch.forEach(it -> forged.add(new Forged<>(it, Outcome.accept())));
                good.settle(forged);
                return super.offer(batch);
            }

            @Override
            public void settled(Collection<? extends Settlement<R>> covered) {
                super.settled(Forgeries.real(covered));
            }
        }) {
            @Override
            public void settle(List<? extends Settlement<R>> run) {
                lane().settled(run);
            }
        };
    }

    /** What is to be tried again later is handed out again at once. */
    static <R> Source<R> forgetsDelays(Source<R> good) {
        return new Answering<>(
                good,
                it -> it.outcome() instanceof Outcome.Retry retry
                        ? new Outcome.Retry(Optional.of(Duration.ZERO), retry.cause())
                        : it.outcome());
    }

    /** With the stop the connection is given up: nothing can be settled any more. */
    static <R> Source<R> leavesAtStop(Source<R> good) {
        return new Bent<>(good, Function.identity()) {
            private volatile boolean left;

            @Override
            public CompletionStage<Void> stopReceiving() {
                left = true;
                return super.stopReceiving();
            }

            @Override
            public void settle(List<? extends Settlement<R>> run) {
                if (left) {
                    lane().unsettled(run, Failure.unknown("left", null));
                } else {
                    super.settle(run);
                }
            }
        };
    }

    /** A stop is confirmed only when another message has come. */
    static <R> Source<R> confirmsWithTheNextMessage(Source<R> good) {
        CompletableFuture<Void> next = new CompletableFuture<>();
        return new Bent<>(good, lane -> new PassingFactory.PassingLane<>(lane) {
            @Override
            public boolean offer(List<Delivery<R>> batch) {
                next.complete(null);
                return super.offer(batch);
            }
        }) {
            @Override
            public CompletionStage<Void> stopReceiving() {
                return super.stopReceiving().thenCompose(nothing -> next);
            }
        };
    }
}
