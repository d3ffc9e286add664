package io.lastcall.testkit.contract;

import io.lastcall.MessageHandler;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Settlement;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a test saw of one consumer, written down beside it: every offer, every settlement with its answer, every start of a handler,
 * and every breach of a rule. Safe for any thread; each change wakes those that wait in {@link #await}.
 */
final class Ledger {

    /** One call of a handler. */
    record Start(String body, String messageId, String thread, int attempt) {}

    // All guarded by this.
    private final IdentityHashMap<Delivery<?>, Entry> entries = new IdentityHashMap<>();
    private final List<Entry> offers = new ArrayList<>();
    private final List<Start> starts = new ArrayList<>();
    private final Set<String> breaches = new LinkedHashSet<>();
    private int offersUnderWay;
    private int offersHeld;
    private int handled;
    private boolean holdsOffers;
    private boolean startAsked;
    private boolean stopAsked;
    private boolean stopConfirmed;
    private boolean closeCalled;
    private boolean drained;

    static String body(Message<byte[]> message) {
        byte[] bytes = message.body();
        return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
    }

    // ---- told by the handler and the case

    MessageHandler<byte[]> watch(MessageHandler<byte[]> handler) {
        return (message, context) -> {
            started(new Start(
                    body(message), message.id(), Thread.currentThread().getName(), context.attempt()));
            try {
                return handler.handle(message, context);
            } finally {
                change(() -> handled++);
            }
        };
    }

    private synchronized void started(Start start) {
        starts.add(start);
        if (drained) {
            breach("H4 a handler started after the drain had returned: " + start.body);
        }
        notifyAll();
    }

    synchronized void drainReturned() {
        drained = true;
    }

    /** From now on the next offers wait in the source's own thread, as if still on their way. */
    void holdOffers() {
        change(() -> holdsOffers = true);
    }

    void letOffersGo() {
        change(() -> holdsOffers = false);
    }

    // ---- told by the observed source

    synchronized void passGate() {
        if (!holdsOffers) {
            return;
        }
        offersHeld++;
        notifyAll();
        boolean interrupted = false;
        while (holdsOffers) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        offersHeld--;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized void offerBegins(List<? extends Delivery<?>> batch) {
        offersUnderWay++;
        if (stopConfirmed) {
            breach("S2 an offer of " + batch.size() + " came after the stop was confirmed");
        }
        notifyAll();
    }

    synchronized void offering(String lane, List<? extends Delivery<?>> batch) {
        for (Delivery<?> delivery : batch) {
            Entry entry = new Entry(body(delivery.message()), lane);
            if (entries.put(delivery, entry) != null) {
                breach("S2 the same delivery was offered twice: " + entry.body);
            }
            offers.add(entry);
        }
    }

    synchronized void offered(List<Entry> batch, boolean taken) {
        offersUnderWay--;
        batch.forEach(entry -> entry.taken = taken);
        notifyAll();
    }

    synchronized List<Entry> entriesOf(Collection<? extends Delivery<?>> deliveries) {
        List<Entry> found = new ArrayList<>();
        deliveries.forEach(delivery -> found.add(entry(delivery)));
        return found;
    }

    synchronized void settling(List<? extends Settlement<?>> run) {
        if (closeCalled) {
            breach("S4 settle was called after close");
        }
        for (Settlement<?> settlement : run) {
            Entry entry = entry(settlement.delivery());
            if (entry.outcome != null) {
                breach("S4 settled twice: " + entry);
            }
            entry.outcome = settlement.outcome();
            if (entry.extending && givesBack(settlement.outcome())) {
                breach("I9 given back while an extension was under way: " + entry);
            }
        }
        notifyAll();
    }

    private static boolean givesBack(Outcome outcome) {
        return outcome instanceof Outcome.Release || outcome instanceof Outcome.Retry;
    }

    synchronized void answered(Collection<? extends Settlement<?>> some, @Nullable Failure why) {
        for (Settlement<?> settlement : some) {
            Entry entry = entry(settlement.delivery());
            if (entry.outcome == null) {
                breach("S5 answered without having been settled: " + entry);
            }
            if (entry.answer != null) {
                breach("S5 answered twice: " + entry);
            }
            entry.answer = why == null
                    ? Entry.Answer.SETTLED
                    : why.kind() == Failure.Kind.REFUSED ? Entry.Answer.REFUSED : Entry.Answer.UNKNOWN;
        }
        notifyAll();
    }

    synchronized void extending(List<Entry> held, boolean underWay) {
        for (Entry entry : held) {
            if (underWay && entry.extending) {
                breach("two extensions at once: " + entry);
            }
            entry.extending = underWay;
        }
    }

    synchronized void laneOpened(String lane) {
        if (stopConfirmed) {
            breach("S2 lane " + lane + " was opened after the stop was confirmed");
        }
    }

    void startAsked() {
        change(() -> startAsked = true);
    }

    synchronized void stopAsked() {
        stopAsked = true;
        notifyAll();
    }

    synchronized void stopConfirmed() {
        if (offersUnderWay > 0 && !stopConfirmed) {
            breach("S3 the stop was confirmed while an offer was under way");
        }
        stopConfirmed = true;
        notifyAll();
    }

    synchronized void closeCalled() {
        closeCalled = true;
    }

    synchronized void closeReturned() {
        for (Entry entry : entries.values()) {
            if (entry.outcome != null && entry.answer == null) {
                breach("S6 close left a settlement unanswered: " + entry);
            }
        }
    }

    synchronized void breach(String what) {
        breaches.add(what);
        notifyAll();
    }

    // ---- asked by the case

    /** Waits until the condition holds, which is asked at each change, under the ledger's lock. */
    void await(String what, Duration atMost, BooleanSupplier condition) throws InterruptedException {
        if (!comes(atMost, condition)) {
            throw new AssertionError(what + ": not within " + atMost + "; " + this);
        }
    }

    synchronized boolean comes(Duration atMost, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            wait(left / 1_000_000 + 1);
        }
        return true;
    }

    synchronized int taken() {
        return (int) offers.stream().filter(entry -> entry.taken).count();
    }

    synchronized int refused() {
        return offers.size() - taken();
    }

    synchronized int handled() {
        return handled;
    }

    synchronized boolean offersAreHeld() {
        return offersHeld > 0;
    }

    synchronized boolean startWasAsked() {
        return startAsked;
    }

    synchronized boolean stopWasAsked() {
        return stopAsked;
    }

    synchronized boolean stopWasConfirmed() {
        return stopConfirmed;
    }

    synchronized List<Start> starts() {
        return List.copyOf(starts);
    }

    synchronized Set<String> breaches() {
        return new LinkedHashSet<>(breaches);
    }

    synchronized List<Entry> offers() {
        return List.copyOf(offers);
    }

    synchronized int count(Predicate<Entry> which) {
        return (int) offers.stream().filter(which).count();
    }

    synchronized Set<String> bodies(Predicate<Entry> which) {
        return offers.stream()
                .filter(which)
                .map(entry -> entry.body)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** How many were told that kind of outcome and answered so. */
    synchronized int answered(Class<? extends Outcome> kind, Entry.Answer answer) {
        return count(entry -> kind.isInstance(entry.outcome) && entry.answer == answer);
    }

    private synchronized void change(Runnable what) {
        what.run();
        notifyAll();
    }

    private Entry entry(Delivery<?> delivery) {
        Entry entry = entries.get(delivery);
        if (entry == null) {
            breach("a settlement or an extension names a delivery that was never offered: " + delivery);
            return new Entry("?", "?");
        }
        return entry;
    }

    @Override
    public synchronized String toString() {
        return "offered " + offers.size() + ", taken " + taken() + ", started " + starts.size() + ", handled " + handled
                + ", told " + count(entry -> entry.outcome != null) + ", answered "
                + count(entry -> entry.answer != null) + ", stop asked " + stopAsked + ", confirmed " + stopConfirmed
                + ", breaches " + breaches;
    }
}
