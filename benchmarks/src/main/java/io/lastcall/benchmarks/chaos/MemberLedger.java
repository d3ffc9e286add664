package io.lastcall.benchmarks.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads what one member tells, on a thread of its own that never lets it wait. Safe for any thread. */
final class MemberLedger implements AutoCloseable {

    private final ServerSocket door;
    private final Consumer<Step> listener;
    private final CompletableFuture<Void> firstStep = new CompletableFuture<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    /** Guarded by this. */
    private final List<Step> steps = new ArrayList<>();

    /** Guarded by this. */
    private @Nullable MemberReport report;

    private MemberLedger(ServerSocket door, Consumer<Step> listener) {
        this.door = door;
        this.listener = listener;
    }

    static MemberLedger open(String member, Consumer<Step> listener) {
        try {
            MemberLedger ledger = new MemberLedger(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()), listener);
            Thread reader = new Thread(ledger::read, member + "-ledger");
            reader.setDaemon(true);
            reader.start();
            return ledger;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return door.getLocalPort();
    }

    /** Completes when a handler of the member has told something; never if none ever does. */
    CompletableFuture<Void> firstStep() {
        return firstStep;
    }

    /** Completes when all that the member ever told was read; exceptionally when that was nonsense. */
    CompletableFuture<Void> end() {
        return end;
    }

    synchronized List<Step> steps() {
        return List.copyOf(steps);
    }

    synchronized Optional<MemberReport> report() {
        return Optional.ofNullable(report);
    }

    /** Ends the wait for a member that never came. */
    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (Socket member = door.accept();
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(member.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                take(line);
            }
            end.complete(null);
        } catch (IOException | RuntimeException e) {
            end.completeExceptionally(e);
        }
    }

    private void take(String line) {
        int first = line.indexOf(' ');
        String what = line.substring(0, first);
        switch (what) {
            case LedgerPen.MEMBER -> {}
            case LedgerPen.REPORT -> {
                MemberReport told = MemberReport.of(line.substring(first + 1).split(" ", -1));
                synchronized (this) {
                    report = told;
                }
            }
            default -> {
                Step step = Step.of(line.split(" ", -1));
                synchronized (this) {
                    steps.add(step);
                }
                firstStep.complete(null);
                listener.accept(step);
            }
        }
    }
}
