package io.lastcall.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** T18: contiguity is over what was polled, whatever the gaps and whatever the order of completion. */
class OffsetLedgerTest {

    @Test
    void nothing_polled_allows_no_commit() {
        assertThat(new OffsetLedger<String>().committable()).isEqualTo(OffsetLedger.NONE);
    }

    @Test
    void a_gap_between_polled_offsets_holds_nothing() {
        OffsetLedger<String> ledger = new OffsetLedger<>();
        int five = ledger.polled(5);
        ledger.polled(9);
        ledger.done(five, "five");

        assertThat(covered(ledger)).containsExactly("five");
        assertThat(ledger.committable()).isEqualTo(9);
    }

    @Test
    void when_all_is_done_the_next_fetch_position_is_committed() {
        OffsetLedger<String> ledger = new OffsetLedger<>();
        int seven = ledger.polled(7);
        ledger.fetchesNext(12); // transaction markers behind it
        ledger.done(seven, "seven");

        assertThat(covered(ledger)).containsExactly("seven");
        assertThat(ledger.committable()).isEqualTo(12);
    }

    @Test
    void a_release_holds_what_is_behind_it_for_ever() {
        OffsetLedger<String> ledger = new OffsetLedger<>();
        int first = ledger.polled(0);
        int second = ledger.polled(1);
        int third = ledger.polled(2);
        ledger.fetchesNext(3);
        ledger.done(third, "third");
        ledger.released(second);
        ledger.done(first, "first");

        assertThat(covered(ledger)).containsExactly("first");
        assertThat(ledger.committable()).isEqualTo(1);
        List<String> beyond = new ArrayList<>();
        ledger.takeBeyond(beyond);
        assertThat(beyond).containsExactly("third");
        ledger.takeBeyond(beyond);
        assertThat(beyond).hasSize(1);
    }

    @Test
    void what_was_cut_off_is_never_committed_past() {
        OffsetLedger<String> ledger = new OffsetLedger<>();
        int first = ledger.polled(3);
        int refused = ledger.polled(5);
        ledger.polled(6);
        ledger.cutFrom(refused);
        ledger.fetchesNext(7);
        ledger.done(first, "first");

        assertThat(covered(ledger)).containsExactly("first");
        assertThat(ledger.committable()).isEqualTo(5);
    }

    @Test
    void a_record_is_settled_once() {
        OffsetLedger<String> ledger = new OffsetLedger<>();
        ledger.polled(0);
        int ticket = ledger.polled(1);
        ledger.done(ticket, "one");
        assertThatThrownBy(() -> ledger.done(ticket, "again")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> ledger.released(ticket + 1)).isInstanceOf(IllegalStateException.class);
    }

    /** Against a sorted map of what is open, step by step. */
    @ParameterizedTest
    @ValueSource(ints = {0, Integer.MAX_VALUE - 40, Integer.MIN_VALUE, -70})
    void t18_any_order_and_any_gaps(int firstTicket) {
        for (int seed = 0; seed < 1_000; seed++) {
            Random random = new Random(seed);
            OffsetLedger<Long> ledger = new OffsetLedger<>(firstTicket);
            TreeMap<Long, Integer> open = new TreeMap<>();
            TreeMap<Long, String> uncovered = new TreeMap<>();
            long offset = random.nextInt(3);
            long next = OffsetLedger.NONE;
            int steps = random.nextInt(200);
            for (int step = 0; step < steps; step++) {
                if (open.isEmpty() || random.nextInt(3) == 0) {
                    for (int i = random.nextInt(90); i >= 0; i--) {
                        int polled = ledger.polled(offset);
                        if (random.nextInt(20) == 0) {
                            ledger.doneBefore(polled);
                            uncovered.put(offset, "done before");
                        } else {
                            open.put(offset, polled);
                            uncovered.put(offset, "open");
                        }
                        offset += 1 + (random.nextInt(4) == 0 ? random.nextInt(5) : 0);
                    }
                    offset += random.nextInt(3);
                    next = offset;
                    ledger.fetchesNext(next);
                } else if (!open.isEmpty()) {
                    List<Long> which = new ArrayList<>(open.keySet());
                    Collections.shuffle(which, random);
                    for (Long done : which.subList(0, random.nextInt(which.size()) + 1)) {
                        int ticket = Objects.requireNonNull(open.remove(done));
                        if (random.nextInt(400) == 0) {
                            ledger.released(ticket);
                            uncovered.put(done, "released");
                        } else {
                            ledger.done(ticket, done);
                            uncovered.put(done, "done");
                        }
                    }
                }
                List<Long> expected = new ArrayList<>();
                while (!uncovered.isEmpty() && uncovered.firstEntry().getValue().startsWith("done")) {
                    Map.Entry<Long, String> first = uncovered.pollFirstEntry();
                    if (first.getValue().equals("done")) {
                        expected.add(first.getKey());
                    }
                }
                assertThat(covered(ledger)).as("seed %s step %s", seed, step).isEqualTo(expected);
                assertThat(ledger.committable())
                        .as("seed %s step %s", seed, step)
                        .isEqualTo(uncovered.isEmpty() ? next : (long) uncovered.firstKey());
                assertThat(ledger.size()).isEqualTo(uncovered.size());
                DoneBeyond told = beyond(ledger);
                List<Long> wrong = uncovered.entrySet().stream()
                        .filter(it ->
                                told.contains(it.getKey()) != it.getValue().startsWith("done"))
                        .map(it -> it.getKey())
                        .toList();
                assertThat(wrong).as("seed %s step %s", seed, step).isEmpty();
            }
            List<Long> beyond = new ArrayList<>();
            ledger.takeBeyond(beyond);
            assertThat(beyond)
                    .isEqualTo(uncovered.entrySet().stream()
                            .filter(it -> it.getValue().equals("done"))
                            .map(it -> it.getKey())
                            .toList());
        }
    }

    private static DoneBeyond beyond(OffsetLedger<?> ledger) {
        DoneBeyond.Writer writer = new DoneBeyond.Writer(ledger.committable(), Integer.MAX_VALUE);
        ledger.addBeyond(writer);
        return DoneBeyond.read(ledger.committable(), writer.text());
    }

    private static <S> List<S> covered(OffsetLedger<S> ledger) {
        List<S> covered = new ArrayList<>();
        ledger.takeCovered(covered);
        return covered;
    }
}
