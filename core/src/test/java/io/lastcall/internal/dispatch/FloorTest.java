package io.lastcall.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainMode;
import io.lastcall.internal.account.Entry;
import io.lastcall.internal.account.Execution;
import io.lastcall.internal.account.Fate;
import io.lastcall.internal.account.LaneBook;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Capability;
import io.lastcall.spi.Extension;
import io.lastcall.spi.LaneId;
import io.lastcall.spi.LaneRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Invariants that need a worker stopped at one point or a clock that stands still: on a {@link Bench}, step by step. */
class FloorTest {

    private final List<Entry<Integer>> handled = new ArrayList<>();
    private final List<Entry<Integer>> told = new ArrayList<>();
    private Function<Entry<Integer>, Outcome> handler = entry -> Outcome.accept();

    private Bench bench(boolean redelivers, int limit) {
        return new Bench(1, limit, redelivers, new QuietDuties() {
            @Override
            public Outcome handle(Entry<Integer> entry) {
                handled.add(entry);
                return handler.apply(entry);
            }

            @Override
            public void settle(LaneBook<Integer> lane, List<Entry<Integer>> run) {
                told.addAll(run);
            }
        });
    }

    private static void work(Bench bench) {
        boolean any = true;
        while (any) {
            any = bench.host.runWorker();
        }
    }

    @SuppressWarnings("GuardedBy") // one thread only
    private static void handlersTake(Bench bench, long nanos) {
        bench.floor.pace.set(nanos);
    }

    @Test
    void brief_handlers_wake_as_many_workers_as_there_are_processors_unless_these_stand_still() {
        Bench bench = new Bench(10, 1_000, new QuietDuties());
        handlersTake(bench, 1);
        LaneBook<Integer> lane = bench.lane(1_000);
        for (int key = 0; key < 10; key++) {
            bench.offer(lane, key, 1);
        }
        assertThat(bench.host.workers).hasSize(bench.host.processors());
        bench.host.fireTimers();
        assertThat(bench.host.workers).as("they took nothing").hasSize(bench.host.processors() + 1);
        work(bench);
        bench.offer(lane, "again", 1);
        assertThat(bench.host.workers).hasSize(1);
    }

    @Test
    void slow_handlers_wake_as_many_workers_as_there_are_slots() {
        Bench bench = new Bench(10, 1_000, new QuietDuties());
        handlersTake(bench, 1_000_000);
        LaneBook<Integer> lane = bench.lane(1_000);
        for (int key = 0; key < 12; key++) {
            bench.offer(lane, key, 1);
        }
        assertThat(bench.host.workers).hasSize(10);
    }

    @Test
    void a_drain_by_priority_takes_the_highest_first_also_without_an_order() {
        Bench bench = bench(true, 100);
        List<Entry<Integer>> batch = bench.offer(bench.lane(100), null, 6);
        int[] priorities = {2, 9, 2, 7, 9, 1};
        for (int i = 0; i < priorities.length; i++) {
            batch.get(i).priority = priorities[i];
        }
        bench.drainage.begin(DrainMode.FINISH_BY_PRIORITY, Long.MAX_VALUE);
        work(bench);
        assertThat(handled)
                .containsExactly(batch.get(1), batch.get(4), batch.get(3), batch.get(0), batch.get(2), batch.get(5));
    }

    @Test
    void a_broker_that_cannot_wait_is_not_given_back_what_is_to_be_tried_again_later() {
        List<Bench> made = new ArrayList<>();
        Bench bench = new Bench(2, 3, Set.of(Capability.REDELIVERY), new QuietDuties() {
            @Override
            public Outcome handle(Entry<Integer> entry) {
                handled.add(entry);
                if (handled.size() == 1) {
                    // While this one runs, another fails.
                    assertThat(made.get(0).host.runWorker()).isTrue();
                }
                return Outcome.retry(Duration.ofHours(1));
            }

            @Override
            public void settle(LaneBook<Integer> lane, List<Entry<Integer>> run) {
                told.addAll(run);
            }
        });
        made.add(bench);
        bench.offer(bench.lane(100), null, 3);
        work(bench);
        assertThat(handled).as("the third waits until a back-off is over").hasSize(2);
        assertThat(told).isEmpty();
    }

    @Test
    void a_conclusion_that_failed_is_not_waited_for_in_a_drain() {
        Bench bench = new Bench(1, 100, new QuietDuties() {
            @Override
            public Outcome handle(Entry<Integer> entry) {
                return Outcome.reject("no");
            }

            @Override
            public boolean concludes(Outcome outcome) {
                return true;
            }

            @Override
            public void conclude(Entry<Integer> entry) {
                handled.add(entry);
            }

            @Override
            public void settle(LaneBook<Integer> lane, List<Entry<Integer>> run) {
                told.addAll(run);
            }
        });
        List<Entry<Integer>> batch = bench.offer(bench.lane(100), null, 1);
        work(bench);
        bench.dispatcher.conclusions().concluded(batch.get(0), false);
        assertThat(told).isEmpty();
        bench.drainage.begin(DrainMode.FINISH_STARTED, Long.MAX_VALUE);
        bench.drainage.releaseUnstarted();
        assertThat(told).containsExactlyElementsOf(batch);
        assertThat(batch.get(0).outcome()).isEqualTo(Outcome.release());
        bench.host.fireTimers();
        assertThat(handled).as("tried once").hasSize(1);
    }

    @Test
    void i08_nothing_starts_that_would_not_end_before_the_finish_deadline() {
        Bench bench = bench(true, 100);
        handlersTake(bench, 1_000_000_000L);
        bench.drainage.begin(DrainMode.FINISH_UNTIL_DEADLINE, 900_000_000L);
        bench.offer(bench.lane(100), null, 2);
        work(bench);
        assertThat(handled).isEmpty();
        assertThat(bench.drainage.isUnfit()).isTrue();
    }

    @Test
    void i08_what_fits_starts_until_the_finish_deadline_has_come() {
        Bench bench = bench(true, 100);
        LaneBook<Integer> lane = bench.lane(100);
        handlersTake(bench, 1_000);
        bench.drainage.begin(DrainMode.FINISH_UNTIL_DEADLINE, 1_000_000);
        bench.offer(lane, null, 1);
        work(bench);
        assertThat(handled).hasSize(1);
        bench.drainage.begin(DrainMode.FINISH_UNTIL_DEADLINE, 0);
        bench.offer(lane, null, 1);
        work(bench);
        assertThat(handled).hasSize(1);
    }

    @Test
    void i08_a_run_that_was_picked_stops_where_it_stands_when_a_drain_lets_nothing_start() {
        Bench bench = bench(true, 100);
        handlersTake(bench, 1);
        handler = entry -> {
            bench.drainage.begin(DrainMode.FINISH_STARTED, Long.MAX_VALUE);
            return Outcome.accept();
        };
        List<Entry<Integer>> batch = bench.offer(bench.lane(100), "key", 4);
        work(bench);
        assertThat(handled).containsExactly(batch.get(0));
        bench.drainage.releaseUnstarted();
        assertThat(told).containsExactlyElementsOf(batch);
        assertThat(batch).allSatisfy(it -> assertThat(it.execution()).isEqualTo(Execution.DONE));
        bench.answers.settled(batch.get(0).lane(), batch);
        assertThat(bench.drainage.isQuiet()).isTrue();
    }

    @Test
    void i09_a_release_waits_for_the_extension_that_is_under_way() {
        Bench bench = bench(true, 100);
        LaneBook<Integer> lane = bench.lane(100);
        Leases<Integer> leases = new Leases<>(bench.floor, bench.answers);
        List<Entry<Integer>> batch = bench.offer(lane, "key", 2);
        List<Entry<Integer>> extending = leases.take(lane);
        assertThat(extending).containsExactlyElementsOf(batch);
        bench.drainage.begin(DrainMode.FINISH_STARTED, Long.MAX_VALUE);
        bench.drainage.releaseUnstarted();
        assertThat(told).isEmpty();
        assertThat(bench.drainage.isQuiet()).isFalse();
        leases.extended(extending, Collections.nCopies(2, Extension.EXTENDED));
        assertThat(told).containsExactlyElementsOf(batch);
        assertThat(leases.take(lane)).as("what is released is extended no more").isEmpty();
    }

    @Test
    void i07_i09_a_key_is_held_also_while_its_release_waits_for_an_extension() {
        Bench bench = bench(true, 100);
        LaneBook<Integer> lane = bench.offers.open(new LaneId("fifo", 0), LaneRules.PLAIN.holdingKeys());
        Leases<Integer> leases = new Leases<>(bench.floor, bench.answers);
        List<List<Entry<Integer>>> extending = new ArrayList<>();
        handler = entry -> {
            if (handled.size() > 1) {
                return Outcome.accept();
            }
            extending.add(leases.take(lane));
            return Outcome.release();
        };
        bench.offer(lane, "key", 1);
        work(bench);
        bench.offer(lane, "key", 1);
        work(bench);
        assertThat(handled).hasSize(1);
        leases.extended(extending.get(0), List.of(Extension.EXTENDED));
        work(bench);
        assertThat(handled).hasSize(1);
        bench.answers.settled(lane, List.copyOf(told));
        work(bench);
        assertThat(handled).hasSize(2);
    }

    @Test
    void i07_what_is_behind_a_lapsed_lease_goes_back_where_a_key_is_held_until_settled() {
        Bench bench = bench(true, 100);
        LaneBook<Integer> lane = bench.offers.open(new LaneId("fifo", 0), LaneRules.PLAIN.holdingKeys());
        Leases<Integer> leases = new Leases<>(bench.floor, bench.answers);
        List<Entry<Integer>> batch = bench.offer(lane, "key", 3);

        leases.extended(leases.take(lane), List.of(Extension.LAPSED, Extension.EXTENDED, Extension.EXTENDED));

        assertThat(told).containsExactly(batch.get(1), batch.get(2));
        work(bench);
        assertThat(handled).isEmpty();
    }

    @Test
    void i07_what_is_behind_a_lease_that_lapses_while_its_handler_runs_goes_back_too() {
        Bench bench = bench(true, 100);
        LaneBook<Integer> lane = bench.offers.open(new LaneId("fifo", 0), LaneRules.PLAIN.holdingKeys());
        Leases<Integer> leases = new Leases<>(bench.floor, bench.answers);
        handler = entry -> {
            leases.extended(leases.take(lane), List.of(Extension.LAPSED, Extension.EXTENDED));
            return Outcome.accept();
        };
        List<Entry<Integer>> batch = bench.offer(lane, "key", 2);

        work(bench);

        assertThat(handled).containsExactly(batch.get(0));
        assertThat(told).containsExactly(batch.get(1));
    }

    @Test
    void i10_what_waits_holds_half_of_the_limit_and_the_rest_goes_back_to_a_broker_that_redelivers() {
        Bench bench = bench(true, 4);
        handler = entry -> new Outcome.Retry(Optional.of(Duration.ofMinutes(1)), null);
        bench.offer(bench.lane(100), null, 4);
        work(bench);
        assertThat(handled).hasSize(4);
        assertThat(told).hasSize(2).allSatisfy(it -> assertThat(it.outcome()).isInstanceOf(Outcome.Retry.class));
    }

    @Test
    void i10_what_waits_makes_the_rest_wait_where_the_broker_does_not_redeliver() {
        Bench bench = bench(false, 4);
        handler = entry ->
                handled.size() > 2 ? Outcome.accept() : new Outcome.Retry(Optional.of(Duration.ofMinutes(1)), null);
        List<Entry<Integer>> batch = bench.offer(bench.lane(100), null, 4);
        work(bench);
        assertThat(handled).containsExactly(batch.get(0), batch.get(1));
        assertThat(told).isEmpty();
        bench.host.fireTimers();
        work(bench);
        assertThat(told).hasSize(4);
        assertThat(batch).allSatisfy(it -> assertThat(it.fate()).isEqualTo(Fate.SETTLING));
    }

    @Test
    void i13_a_release_through_the_broker_takes_its_followers_along_in_one_settle_call() {
        List<List<Entry<Integer>>> calls = new ArrayList<>();
        Bench bench = new Bench(1, 100, new QuietDuties() {
            @Override
            public Outcome handle(Entry<Integer> entry) {
                return Outcome.release();
            }

            @Override
            public void settle(LaneBook<Integer> lane, List<Entry<Integer>> run) {
                calls.add(run);
            }
        });
        handlersTake(bench, 1);
        List<Entry<Integer>> batch = bench.offer(bench.lane(100), "key", 3);
        work(bench);
        assertThat(calls).containsExactly(batch);
    }
}
