package io.lastcall.examples.demo;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Fills the broker: some orders before the consumer starts, more while it runs and drains. Started and stopped by one thread; publishes
 * on threads of the clock, one at a time.
 */
final class Publisher {

    private static final int CUSTOMERS = 200;
    private static final int TICK_MILLIS = 20;

    private final OrderBroker broker;
    private final Ledger ledger;
    private final int most;
    private final int first;
    private final int perTick;
    private final Random random = new Random(7);

    // Caller's thread until start; from then on under this object's monitor.
    private final Map<String, Integer> turns = new HashMap<>();
    private int made;
    private @Nullable Order waiting;
    private boolean stopping;

    /** Written and read by the thread that starts and stops. */
    private @Nullable ScheduledFuture<?> ticks;

    /**
     * A publisher that has not begun.
     *
     * @param most how many orders in all; {@link Integer#MAX_VALUE} for a stream of a thousand a second without end
     */
    Publisher(OrderBroker broker, Ledger ledger, int most) {
        this.broker = broker;
        this.ledger = ledger;
        this.most = most;
        boolean endless = most == Integer.MAX_VALUE;
        this.first = endless ? 1_000 : most / 4;
        this.perTick = endless ? TICK_MILLIS : 100;
    }

    /** Publishes the first ones. */
    void fill() {
        publish(first);
    }

    void start(ScheduledExecutorService clock) {
        ticks = clock.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Ends publishing and waits until the broker has answered it all. */
    synchronized void stop() { // waits for a tick under way
        stopping = true;
        if (ticks != null) {
            ticks.cancel(false);
        }
        broker.finishPublishing();
    }

    private synchronized void tick() {
        try {
            if (!stopping) {
                publish(perTick);
            }
        } catch (RuntimeException e) {
            stopping = true;
            ledger.publishingFailed(e);
        }
    }

    private void publish(int count) {
        for (int i = 0; i < count; i++) {
            if (waiting == null && made < most) {
                waiting = next();
            }
            if (waiting == null || !broker.publish(waiting, ledger)) {
                return;
            }
            waiting = null;
        }
    }

    private Order next() {
        String customer = "customer-" + random.nextInt(CUSTOMERS);
        int turn = turns.merge(customer, 1, Integer::sum) - 1;
        int id = made++;
        return new Order(id, customer, turn, Order.Kind.of(id));
    }
}
