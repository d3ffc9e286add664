package io.lastcall.testkit.simulation;

import io.lastcall.ConsumerState;
import io.lastcall.spi.Extension;
import io.lastcall.spi.RevokeReason;
import io.lastcall.testkit.simulation.Event.Admitted;
import io.lastcall.testkit.simulation.Event.Answer;
import io.lastcall.testkit.simulation.Event.DeliveryFacts;
import io.lastcall.testkit.simulation.Event.End;
import io.lastcall.testkit.simulation.Event.Facts;
import io.lastcall.testkit.simulation.Event.LaneFacts;
import io.lastcall.testkit.simulation.Event.Told;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where each delivery, lane and run stands after the events so far. Rules read it before an event is added. Not thread-safe. */
final class Traces {

    /** Has not happened. */
    static final int NEVER = Integer.MAX_VALUE;

    /** One delivery. The numbers that end in "Turn" say after how many events something happened. */
    static final class Delivery {
        final DeliveryFacts facts;
        final int id;
        final int run;
        final int sequence;
        int offeredTurn = NEVER;
        boolean refused;
        int starts;
        int failed;
        boolean running;
        long startedAt;

        @Nullable
        End end;

        int endTurn = NEVER;
        boolean endedStopping;
        int stopSeenTurn = NEVER;

        @Nullable
        Told told;

        int toldTurn = NEVER;

        @Nullable
        Answer answer;

        boolean applied;
        boolean extending;
        int lapsedTurn = NEVER;
        /** When its lease was last asked for or granted. */
        long leasedAt;

        boolean letterPending;
        boolean letterSafe;
        boolean admissionPending;

        @Nullable
        Admitted admitted;

        int grants;
        int givenUp;

        Delivery(DeliveryFacts facts, int id, int run, int sequence) {
            this.facts = facts;
            this.id = id;
            this.run = run;
            this.sequence = sequence;
        }

        boolean taken() {
            return offeredTurn != NEVER && !refused;
        }

        @Override
        public String toString() {
            return "delivery " + id + " (" + facts.message() + ")";
        }
    }

    /** One lane. */
    static final class Lane {
        final LaneFacts facts;
        final int run;
        int offers;
        boolean revoking;
        int revokedTurn = NEVER;
        boolean lost;
        int fencedTurn = NEVER;
        boolean finished;

        Lane(LaneFacts facts, int run) {
            this.facts = facts;
            this.run = run;
        }

        boolean revoked() {
            return revokedTurn != NEVER;
        }

        /** From when on late outcomes count for nothing. */
        int cutTurn() {
            return lost ? revokedTurn : fencedTurn;
        }
    }

    /** One run of the consumer. */
    static final class Run {
        final int number;
        final Orders orders = new Orders();
        final List<Delivery> deliveries = new ArrayList<>();
        boolean stopAsked;
        boolean stopAnswered;
        boolean stopConfirmed;
        long stopAnsweredAt = -1;
        long closeCalledAt = -1;
        int settleCalls;
        /** Settlements that hold their key until they are answered. */
        int keysHeld;
        /** Handlers, dead letters, admissions, settle and extend calls that are under way. */
        int busy;
        /** When the last of these ended. */
        long busyUntil;
        /** When a lane was taken away last: a drain without a deadline may have waited for what was in back-off there. */
        long revokedAt = -1;

        long finishingAt = -1;
        long closingAt = -1;
        boolean closed;
        boolean drained;

        Run(int number) {
            this.number = number;
        }

        /** When the first phase of its drain was over at the earliest. */
        long stopEndedAt() {
            long timedOut = Math.max(orders.askedAt, Math.min(orders.stopBy, orders.abandonBy));
            return stopAnsweredAt >= 0 ? Math.min(stopAnsweredAt, timedOut) : timedOut;
        }

        void busy(int change, long at) {
            busy += change;
            busyUntil = at;
        }
    }

    /** When handlers of a run may be told to end at the earliest. */
    long earliestTell(Run run) {
        long cap = facts().finishCap();
        return cap < 0 ? run.orders.tellBy : Math.min(run.orders.tellBy, run.stopEndedAt() + cap);
    }

    /** When handlers of a run may be given up at the earliest. */
    long abandonBy(Run run) {
        long cap = facts().finishCap();
        return cap < 0
                ? run.orders.abandonBy
                : Math.min(run.orders.abandonBy, run.stopEndedAt() + cap + facts().finishGrace());
    }

    private final List<@Nullable Delivery> deliveries = new ArrayList<>();
    private final List<@Nullable Lane> lanes = new ArrayList<>();
    private final List<Run> runs = new ArrayList<>();
    private @Nullable Facts facts;
    int turn;
    int running;
    /** How long a handler has taken at most. */
    long longestHandling;

    int mostConcurrency;
    int mostLimit;

    Facts facts() {
        Facts known = facts;
        if (known == null) {
            throw new IllegalArgumentException("a history begins with CONFIGURED");
        }
        return known;
    }

    Delivery delivery(int id) {
        Delivery found = id >= 0 && id < deliveries.size() ? deliveries.get(id) : null;
        if (found == null) {
            throw new IllegalArgumentException("delivery " + id + " was never offered");
        }
        return found;
    }

    Lane lane(int id) {
        Lane found = id >= 0 && id < lanes.size() ? lanes.get(id) : null;
        if (found == null) {
            throw new IllegalArgumentException("lane " + id + " was never opened");
        }
        return found;
    }

    Lane laneOf(Delivery delivery) {
        return lane(delivery.facts.lane());
    }

    Run run(int number) {
        while (runs.size() <= number) {
            runs.add(new Run(runs.size()));
        }
        return runs.get(number);
    }

    List<Run> runs() {
        return runs;
    }

    List<@Nullable Lane> lanes() {
        return lanes;
    }

    List<@Nullable Delivery> deliveries() {
        return deliveries;
    }

    private static <T> void put(List<@Nullable T> list, int at, T value) {
        while (list.size() <= at) {
            list.add(null);
        }
        list.set(at, value);
    }

    void add(Event event) {
        turn++;
        Run run = run(event.run());
        switch (event.kind()) {
            case CONFIGURED -> {
                facts = event.what(Facts.class);
                mostConcurrency = facts().concurrency();
                mostLimit = facts().limit();
            }
            case LANE_OPENED -> put(lanes, event.subject(), new Lane(event.what(LaneFacts.class), event.run()));
            case OFFERING -> {
                DeliveryFacts it = event.what(DeliveryFacts.class);
                Delivery delivery = new Delivery(it, event.subject(), event.run(), lane(it.lane()).offers++);
                put(deliveries, event.subject(), delivery);
                run.deliveries.add(delivery);
            }
            case OFFERED -> {
                Delivery it = delivery(event.subject());
                it.offeredTurn = turn;
                it.refused = event.value() == 0;
                it.leasedAt = event.at();
            }
            case STARTED -> {
                Delivery it = delivery(event.subject());
                it.starts++;
                it.running = true;
                it.startedAt = event.at();
                running++;
                run.busy(1, event.at());
            }
            case ENDED -> {
                Delivery it = delivery(event.subject());
                it.running = false;
                longestHandling = Math.max(longestHandling, event.at() - it.startedAt);
                it.end = event.what(End.class);
                it.endTurn = turn;
                it.endedStopping = event.value() == 1;
                if (!it.endedStopping && (it.end == End.FAILED || it.end == End.RETRY)) {
                    it.failed++;
                }
                running--;
                run.busy(-1, event.at());
            }
            case STOP_SEEN -> {
                Delivery it = delivery(event.subject());
                it.stopSeenTurn = Math.min(it.stopSeenTurn, turn);
            }
            case SETTLE_CALLED -> {
                run.settleCalls++;
                run.busy(1, event.at());
            }
            case SETTLE_RETURNED -> {
                run.settleCalls--;
                run.busy(-1, event.at());
            }
            case TOLD -> {
                Delivery it = delivery(event.subject());
                it.told = event.what(Told.class);
                it.toldTurn = turn;
                if (laneOf(it).facts.holdsKey()) {
                    run.keysHeld++;
                }
            }
            case APPLIED -> delivery(event.subject()).applied = true;
            case ANSWERED -> {
                Delivery it = delivery(event.subject());
                it.answer = event.what(Answer.class);
                if (laneOf(it).facts.holdsKey()) {
                    run.keysHeld--;
                    run.busyUntil = event.at();
                }
            }
            case EXTENDING -> {
                Delivery it = delivery(event.subject());
                it.extending = true;
                it.leasedAt = event.at();
                run.busy(1, event.at());
            }
            case EXTENDED -> {
                Delivery it = delivery(event.subject());
                it.extending = false;
                it.leasedAt = event.at();
                if (event.what() == Extension.LAPSED) {
                    it.lapsedTurn = Math.min(it.lapsedTurn, turn);
                }
                run.busy(-1, event.at());
            }
            case REVOKING -> {
                lane(event.subject()).revoking = true;
                run.revokedAt = event.at();
            }
            case REVOKED -> {
                Lane it = lane(event.subject());
                it.revokedTurn = turn;
                it.lost = event.what() == RevokeReason.LOST;
            }
            case FENCED -> {
                Lane it = lane(event.subject());
                it.fencedTurn = Math.min(it.fencedTurn, turn);
            }
            case FINISHED -> lane(event.subject()).finished = true;
            case LETTER_ASKED -> {
                delivery(event.subject()).letterPending = true;
                run.busy(1, event.at());
            }
            case LETTER_ANSWERED -> {
                Delivery it = delivery(event.subject());
                it.letterPending = false;
                it.letterSafe |= event.value() == 1;
                run.busy(-1, event.at());
            }
            case ADMISSION_ASKED -> {
                delivery(event.subject()).admissionPending = true;
                run.busy(1, event.at());
            }
            case ADMISSION_ANSWERED -> {
                Delivery it = delivery(event.subject());
                it.admissionPending = false;
                it.admitted = event.what(Admitted.class);
                if (it.admitted == Admitted.GO) {
                    it.grants++;
                }
                run.busy(-1, event.at());
            }
            case GIVEN_UP -> delivery(event.subject()).givenUp++;
            case STOP_ASKED -> run.stopAsked = true;
            case STOP_ANSWERED -> {
                run.stopAnswered = true;
                run.stopAnsweredAt = event.at();
                run.stopConfirmed = event.value() == 1;
                run.busyUntil = event.at();
            }
            case CLOSE_CALLED -> run.closeCalledAt = event.at();
            case DRAIN_ASKED -> {
                if (!run.closed) {
                    run.orders.add(event, facts().usualMode());
                    run.busyUntil = Math.max(run.busyUntil, event.at());
                }
            }
            case DRAINED -> {
                run.drained = true;
                run.closed = true;
            }
            case STATE -> {
                ConsumerState state = event.what(ConsumerState.class);
                if (state == ConsumerState.FINISHING) {
                    run.finishingAt = event.at();
                } else if (state == ConsumerState.CLOSING) {
                    run.closingAt = event.at();
                } else if (state == ConsumerState.CLOSED) {
                    run.closed = true;
                }
            }
            case CONCURRENCY -> mostConcurrency = Math.max(mostConcurrency, (int) event.value());
            case LIMIT -> mostLimit = Math.max(mostLimit, (int) event.value());
            case INTERRUPTED, SNAPSHOT, CAPACITY, BROKEN, STUCK, MISPLACED, CLOSE_RETURNED, OVER -> {}
        }
    }
}
