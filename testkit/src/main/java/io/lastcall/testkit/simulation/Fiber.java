package io.lastcall.testkit.simulation;

import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A thread of the simulation that may block, such as the poll thread of an adapter: a real thread that runs only while the schedule's
 * thread waits for it, so that still only one of them runs at any time. The two hand a baton to each other.
 */
final class Fiber {

    /** Ends a fiber whose schedule is over. */
    @SuppressWarnings("serial")
    static final class Over extends Error {
        Over() {
            super("the schedule is over", null, false, false);
        }
    }

    private static final Deque<Carrier> IDLE = new ConcurrentLinkedDeque<>();

    private final Scheduler scheduler;
    private final Place place;
    private final Runnable body;
    private final Semaphore itsTurn = new Semaphore(0);
    private final Semaphore ourTurn = new Semaphore(0);

    // All: written and read by whoever has the baton.
    private @Nullable Carrier carrier;
    private boolean ended;
    private boolean over;
    private @Nullable Throwable error;

    Fiber(Scheduler scheduler, Place place, Runnable body) {
        this.scheduler = scheduler;
        this.place = place;
        this.body = body;
    }

    Place place() {
        return place;
    }

    boolean isEnded() {
        return ended;
    }

    /** On the schedule's thread: lets it run until it blocks or ends. */
    void resume() throws Throwable {
        if (ended) {
            return;
        }
        if (carrier == null) {
            Carrier idle = IDLE.poll();
            carrier = idle == null ? Carrier.start() : idle;
            carrier.run(this);
        } else {
            itsTurn.release();
        }
        ourTurn.acquireUninterruptibly();
        Throwable thrown = error;
        if (thrown != null) {
            error = null;
            throw thrown;
        }
    }

    /** On its own thread: lets the schedule go on until somebody resumes this. */
    void block() {
        if (!over) {
            ourTurn.release();
            itsTurn.acquireUninterruptibly();
        }
        if (over) {
            throw new Over();
        }
    }

    /** On the schedule's thread, at its end: makes every call that blocks throw. */
    void end() {
        over = true;
        try {
            if (carrier != null) {
                resume();
            }
        } catch (Throwable late) {
            scheduler.spend(0); // the schedule is over, nobody listens
        }
    }

    private void run() {
        try {
            body.run();
        } catch (Over expected) {
            error = null;
        } catch (Throwable e) {
            error = e;
        } finally {
            ended = true;
            boolean unused = Thread.interrupted();
        }
    }

    /** A thread that carries one fiber after another. */
    private static final class Carrier {

        private final Semaphore work = new Semaphore(0);

        // Written before the semaphore is released, read after.
        private @Nullable Fiber next;

        static Carrier start() {
            Carrier carrier = new Carrier();
            Thread thread = new Thread(carrier::carry, "simulation-fiber");
            thread.setDaemon(true);
            thread.start();
            return carrier;
        }

        void run(Fiber fiber) {
            next = fiber;
            work.release();
        }

        private void carry() {
            while (true) {
                work.acquireUninterruptibly();
                Fiber fiber = next;
                if (fiber == null) {
                    return;
                }
                fiber.run();
                IDLE.push(this);
                fiber.ourTurn.release();
            }
        }
    }
}
