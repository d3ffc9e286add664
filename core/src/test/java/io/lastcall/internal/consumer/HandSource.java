package io.lastcall.internal.consumer;

import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Origin;
import io.lastcall.spi.Capability;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Extension;
import io.lastcall.spi.Intake;
import io.lastcall.spi.Lane;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import io.lastcall.spi.Settlement;
import io.lastcall.spi.Source;
import io.lastcall.spi.SourceFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A source worked by hand: the test opens lanes, offers, and answers settlements, or lets it answer at once. */
final class HandSource implements Source<Integer>, SourceFactory<Integer> {

    final CountDownLatch started = new CountDownLatch(1);
    final List<Settlement<Integer>> told = new CopyOnWriteArrayList<>();
    final List<List<Delivery<Integer>>> extended = new CopyOnWriteArrayList<>();
    final CompletableFuture<Void> stopped = new CompletableFuture<>();
    final Set<Capability> capabilities = EnumSet.of(Capability.DEAD_LETTER, Capability.REDELIVERY);
    volatile boolean answersAtOnce = true;
    volatile boolean stopsAtOnce = true;
    volatile boolean closed;
    volatile Runnable onClose = () -> {};
    volatile Runnable onStart = () -> {};
    volatile Runnable onStarted = () -> {};
    volatile Runnable onStop = () -> {};
    volatile Runnable onExtend = () -> {};
    /** Sees each settle call, before it is answered. */
    volatile Consumer<List<? extends Settlement<Integer>>> onSettle = run -> {};

    volatile @Nullable CompletableFuture<List<Extension>> extension;
    private volatile @Nullable Intake<Integer> intake;
    private volatile @Nullable Lane<Integer> lane;
    LaneRules rules = LaneRules.PLAIN;

    @Override
    public String name() {
        return "hand";
    }

    @Override
    public Set<Capability> capabilities() {
        return capabilities;
    }

    @Override
    public Source<Integer> open() {
        return this;
    }

    @Override
    public void start(Intake<Integer> given) {
        onStart.run();
        intake = given;
        lane = given.open(new LaneId("hand", 0), rules);
        started.countDown();
        onStarted.run();
    }

    Intake<Integer> intake() {
        Intake<Integer> given = intake;
        if (given == null) {
            throw new AssertionError("not started");
        }
        return given;
    }

    Lane<Integer> lane() {
        Lane<Integer> given = lane;
        if (given == null) {
            throw new AssertionError("not started");
        }
        return given;
    }

    boolean offer(String key, int... ids) {
        List<Delivery<Integer>> batch = new ArrayList<>();
        for (int id : ids) {
            batch.add(new Delivery<>(new Plain(id, key.getBytes(StandardCharsets.UTF_8)), id));
        }
        return lane().offer(batch);
    }

    List<Integer> toldIds() {
        return told.stream().map(it -> it.delivery().receipt()).toList();
    }

    @Override
    public CompletionStage<Void> stopReceiving() {
        onStop.run();
        if (stopsAtOnce) {
            stopped.complete(null);
        }
        return stopped;
    }

    @Override
    public void settle(List<? extends Settlement<Integer>> run) {
        told.addAll(run);
        onSettle.accept(run);
        if (answersAtOnce) {
            lane().settled(run);
        }
    }

    @Override
    public CompletionStage<List<Extension>> extend(List<Delivery<Integer>> held) {
        extended.add(held);
        onExtend.run();
        CompletableFuture<List<Extension>> given = extension;
        return given != null
                ? given
                : CompletableFuture.completedFuture(Collections.nCopies(held.size(), Extension.EXTENDED));
    }

    @Override
    public void close(Duration atMost) {
        onClose.run();
        closed = true;
    }

    /** A message of an id and a key. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Plain(int number, byte[] key) implements Message<byte[]> {

        @Override
        public String id() {
            return "m" + number;
        }

        @Override
        public Origin origin() {
            return new Origin("hand", "hand", "hand", id());
        }

        @Override
        public byte[] body() {
            return key;
        }

        @Override
        public Headers headers() {
            return Headers.empty();
        }

        @Override
        public Instant timestamp() {
            return Instant.EPOCH;
        }

        @Override
        public int attempt() {
            return 1;
        }
    }
}
