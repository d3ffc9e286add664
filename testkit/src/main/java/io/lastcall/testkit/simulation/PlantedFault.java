package io.lastcall.testkit.simulation;

import java.util.List;
import java.util.Optional;

/**
 * Mistakes that drains of other systems were seen to make, each built into the real engine by exchanging one part. The simulation
 * has to find every one. The numbers are those of the list of faults in the project's reliability programme; 0 stands for mistakes
 * that are ours to make.
 */
public enum PlantedFault {
    /** Leases are no longer extended once the drain begins. */
    KEEP_ALIVES_STOP_WITH_THE_DRAIN(1, PlantedLeases.StopWithTheDrain::new),
    /** Settlements are told in batches of four; what is left of a batch at the close is never told. */
    ACKNOWLEDGEMENTS_DIE_IN_A_BUFFER(2, PlantedDuties.Buffer::new),
    /** The drain takes the stop for granted and does not ask the source. */
    STOP_DOES_NOT_STOP(3, PlantedDrains.NeverAsksToStop::new),
    /** The drain goes on before the stop is confirmed, and refuses what was on its way. */
    FORGETS_THE_WIRE(4, PlantedDrains.ForgetsTheWire::new),
    /** The source is closed while handlers run and settlements are told. */
    CLOSES_BEFORE_SETTLEMENT(5, PlantedDrains.ClosesAtOnce::new),
    /** What runs is given back once a drain has begun. */
    RELEASES_WHAT_RUNS(6, PlantedDuties.ReleasesWhatRuns::new),
    /** The drain's steps run on the thread that asks for it, which may be a handler's. */
    DRAINS_ON_THE_CALLERS_THREAD(7, PlantedHosts.OnTheCallersThread::new),
    /** Each step of the drain has the whole budget for itself. */
    BUDGETS_ADD_UP(8, PlantedDrains.BudgetsAddUp::new),
    /** A handler that ends because it was told to has failed. */
    SHUTDOWN_COUNTS_AS_FAILURE(9, PlantedDuties.ShutdownIsFailure::new),
    /** Handlers are interrupted before they are told. */
    INTERRUPTS_FIRST(10, PlantedDuties.InterruptsFirst::new),
    /** Leases are no longer extended once handlers were told to end, so that the grace makes duplicates. */
    GRACE_WITHOUT_LEASES(11, PlantedLeases.StopWithTheGrace::new),
    /** Deadlines are counted on a clock that can be set. */
    WALL_CLOCK_DEADLINES(12, PlantedHosts.WallClock::new),
    /** Budgets are cut down to whole seconds. */
    SUB_SECOND_BUDGETS_ARE_ZERO(13, PlantedDrains.WholeSeconds::new),
    /** A second request for a drain goes unheard. */
    SECOND_DRAIN_IS_NOT_HEARD(13, PlantedDrains.HearsOnce::new),
    /** A drain that comes before the start waits for the start. */
    DRAIN_BEFORE_START_HANGS(13, PlantedDrains.WaitsForTheStart::new),
    /** The permit of a rate limiter is waited for in a drain. */
    RATE_LIMITER_STARVES_THE_DRAIN(14, PlantedDuties.WaitsForPermits::new),
    /** The capacity signal does not reach the source. */
    CAPACITY_SIGNAL_IS_LOST(0, PlantedHosts.NoSignal::new),
    /** Keys are not kept apart. */
    ORDER_IS_IGNORED(0, PlantedHosts.NoOrder::new),
    /** One handler more than allowed. */
    ONE_HANDLER_TOO_MANY(0, PlantedHosts.OneMore::new),
    /** Each settlement is told twice. */
    TELLS_TWICE(0, PlantedDuties.TellsTwice::new),
    /** The broker hears of a rejection before the dead letter is safe. */
    REJECTS_BEFORE_THE_DEAD_LETTER(0, PlantedDuties.NoDeadLetter::new),
    /** Admissions that are not needed are kept. */
    KEEPS_ADMISSIONS(0, PlantedDuties.KeepsAdmissions::new);

    private final int number;

    @SuppressWarnings("ImmutableEnumChecker") // a constructor reference
    private final Script.Planter planter;

    PlantedFault(int number, Script.Planter planter) {
        this.number = number;
        this.planter = planter;
    }

    /**
     * Its number in the list of faults.
     *
     * @return 1 to 14, or 0 for one of our own
     */
    public int number() {
        return number;
    }

    /**
     * Plays seeds with this fault until one breaks an invariant.
     *
     * @param first the first seed
     * @param most how many seeds at most
     * @param threads on how many threads
     * @return the first failure that was found, empty when there was none
     * @throws InterruptedException when the calling thread is interrupted while it waits
     */
    public Optional<Simulation.Failure> find(long first, long most, int threads) throws InterruptedException {
        return new Simulation.Round(planter, first, most, true)
                .play(threads).failures().stream().findFirst();
    }

    /**
     * What of the list cannot be played on one thread, and why.
     *
     * @return a line for each
     */
    public static List<String> notPlayed() {
        return List.of(
                "7, the deadlock itself: a thread that waits for itself would stop the only thread there is. Its cause is"
                        + " played (DRAINS_ON_THE_CALLERS_THREAD); that a blocking drain is refused in a handler is tested on"
                        + " real threads.",
                "10, an interrupt inside of a commit: adapters commit on threads that no handler interrupts. What leads to it"
                        + " is played (INTERRUPTS_FIRST), and settle is checked for a thread that is interrupted.");
    }
}
