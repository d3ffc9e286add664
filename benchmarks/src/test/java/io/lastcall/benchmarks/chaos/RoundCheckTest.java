package io.lastcall.benchmarks.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.Counts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Forged ledgers: each figure must be seen to go wrong. */
class RoundCheckTest {

    private static final int KEY = 7;

    @Test
    void a_good_ledger_has_no_faults() {
        Findings found = check(
                RoundKind.TERM,
                List.of(1, 2, 3),
                member("a", done(1, 0, 10), done(2, 10, 20)),
                member("b", done(3, 30, 40)));
        assertThat(found.faults(RoundKind.TERM)).isEmpty();
        assertThat(Figures.NONE.plus(RoundKind.TERM, found).json())
                .isEqualTo("{\"rounds\":1,\"lost\":0,\"overlaps\":0,\"overlapsAcross\":0,\"repeatedOnTerm\":0,"
                        + "\"repeatedOnKill\":0,\"drainOverDeadlineMillis\":0}");
    }

    @Test
    void what_nobody_handled_to_its_end_is_lost() {
        Findings found = check(RoundKind.KILL, List.of(1, 2, 3), killed("a", done(1, 0, 10), begun(2, 10)));
        assertThat(found.lost()).containsExactly(2, 3);
        assertThat(found.faults(RoundKind.KILL)).containsExactly("lost 2: 2, 3");
    }

    @Test
    void two_of_one_key_at_once_in_one_member_overlap() {
        Findings found = check(RoundKind.KILL, List.of(1, 2), member("a", done(1, 0, 10), done(2, 9, 20)));
        assertThat(found.overlaps()).containsExactly("1 of key 7 in a and 2 of key 7 in a");
        assertThat(found.overlapsAcross()).isEmpty();
        assertThat(found.faults(RoundKind.KILL)).hasSize(1);
    }

    @Test
    void a_short_one_within_a_long_one_does_not_hide_the_next() {
        Findings found =
                check(RoundKind.KILL, List.of(1, 2, 3), member("a", done(1, 0, 100), done(2, 10, 20), done(3, 30, 40)));
        assertThat(found.overlaps()).hasSize(2);
    }

    @Test
    void two_of_one_key_at_once_in_two_members_overlap_across() {
        Findings found =
                check(RoundKind.FREEZE, List.of(1, 2), member("a", done(1, 0, 10)), member("b", done(2, 9, 20)));
        assertThat(found.overlaps()).isEmpty();
        assertThat(found.overlapsAcross()).hasSize(1);
        assertThat(found.faults(RoundKind.FREEZE)).isEmpty();
        assertThat(found.faults(RoundKind.TERM)).hasSize(1);
    }

    @Test
    void where_no_key_is_kept_apart_the_same_message_at_once_still_overlaps() {
        History[] twoOfOneKey = {member("a", done(2, 0, 10), done(1, 9, 20))};
        assertThat(check(RoundKind.TERM, Subscription.STANDARD, List.of(1, 2), twoOfOneKey)
                        .faults(RoundKind.TERM))
                .isEmpty();
        History[] acrossTwo = {member("a", done(2, 0, 10), done(1, 20, 30)), member("b", done(3, 9, 20))};
        assertThat(check(RoundKind.TERM, Subscription.QUORUM, List.of(1, 2, 3), acrossTwo)
                        .faults(RoundKind.TERM))
                .isEmpty();
        assertThat(check(RoundKind.TERM, Subscription.QUORUM, List.of(1, 2), twoOfOneKey)
                        .overlaps())
                .hasSize(1);
        Findings sameTwice = check(
                RoundKind.KILL,
                Subscription.STANDARD,
                List.of(1),
                member("a", done(1, 0, 10)),
                member("b", done(1, 9, 20)));
        assertThat(sameTwice.overlapsAcross()).hasSize(1);
    }

    @Test
    void what_a_killed_member_had_begun_lasts_until_its_process_ended() {
        Findings found = check(RoundKind.KILL, List.of(1), killed("a", begun(1, 10)), member("b", done(1, 999, 1_100)));
        assertThat(found.overlapsAcross()).hasSize(1);
        assertThat(check(RoundKind.KILL, List.of(1), killed("a", begun(1, 10)), member("b", done(1, 1_000, 1_100)))
                        .overlapsAcross())
                .isEmpty();
    }

    @Test
    void the_second_time_is_a_repeat_and_counts_by_the_kind() {
        History[] members = {killed("a", done(1, 0, 10)), member("b", done(1, 20, 30))};
        Findings found = check(RoundKind.KILL, List.of(1), members);
        assertThat(found.repeated()).containsExactly(1);
        assertThat(found.faults(RoundKind.KILL)).isEmpty();
        assertThat(found.faults(RoundKind.ROLLING)).containsExactly("repeated 1: 1");
        assertThat(Figures.NONE.plus(RoundKind.KILL, found).repeatedOnKill()).isEqualTo(1);
        assertThat(Figures.NONE.plus(RoundKind.STORM, found).repeatedOnTerm()).isEqualTo(1);
    }

    @Test
    void a_first_end_after_a_later_one_of_its_key_is_out_of_order() {
        Findings found = check(RoundKind.TERM, List.of(1, 2), member("a", done(2, 0, 10), done(1, 20, 30)));
        assertThat(found.outOfOrder()).containsExactly(1);
        assertThat(found.faults(RoundKind.TERM)).containsExactly("out of order 1: 1");
    }

    @Test
    void a_drain_may_be_late_by_what_is_tolerated_and_no_more() {
        Findings tolerated = check(RoundKind.TERM, List.of(1), late(Duration.ofMillis(250), done(1, 0, 10)));
        assertThat(tolerated.faults(RoundKind.TERM)).isEmpty();
        Findings late = check(RoundKind.TERM, List.of(1), late(Duration.ofMillis(251), done(1, 0, 10)));
        assertThat(late.faults(RoundKind.TERM)).containsExactly("a drain ended 251 ms too late");
        assertThat(Figures.NONE.plus(RoundKind.TERM, late).drainOverDeadlineMillis())
                .isEqualTo(251);
    }

    @Test
    void a_report_that_contradicts_the_steps_is_incoherent() {
        History told = member("a", done(1, 0, 10));
        assertThat(check(RoundKind.KILL, List.of(1), with(told, report(2, 2, 0, true, 0), 0))
                        .incoherent())
                .hasSize(1)
                .first()
                .asString()
                .contains("told 1 handled to their end", "2 accepted");
        assertThat(check(RoundKind.KILL, List.of(1), with(told, report(2, 1, 0, true, 0), 0))
                        .incoherent())
                .hasSize(1)
                .first()
                .asString()
                .contains("received 2", "add up to 1");
        assertThat(check(RoundKind.KILL, List.of(1), with(told, report(1, 1, 0, true, 0), 3))
                        .incoherent())
                .containsExactly("a told status 0 and ended with 3");
        assertThat(check(RoundKind.KILL, List.of(1), with(told, report(1, 0, 1, false, 3), 3))
                        .incoherent())
                .isEmpty();
        assertThat(check(RoundKind.TERM, List.of(1), with(told, report(1, 0, 1, false, 3), 3))
                        .incoherent())
                .hasSize(1);
    }

    @Test
    void an_end_that_nobody_asked_for_is_incoherent() {
        History told = member("a", done(1, 0, 10));
        History alone = new History(
                told.member(), told.steps(), 1_000, History.Ending.BY_ITSELF, 4, Optional.empty(), Duration.ZERO);
        assertThat(check(RoundKind.BROKER, List.of(1), alone).incoherent())
                .containsExactly("a ended BY_ITSELF with status 4", "a ended with status 4 and without a report");
    }

    private static Findings check(RoundKind kind, List<Integer> published, History... members) {
        return check(kind, Subscription.EAGER, published, members);
    }

    private static Findings check(
            RoundKind kind, Subscription subscription, List<Integer> published, History... members) {
        return RoundCheck.of(kind, subscription, published, List.of(members));
    }

    private static List<Step> done(int id, long from, long to) {
        return List.of(new Step(Step.What.STARTED, id, KEY, from), new Step(Step.What.FINISHED, id, KEY, to));
    }

    private static List<Step> begun(int id, long from) {
        return List.of(new Step(Step.What.STARTED, id, KEY, from));
    }

    @SafeVarargs
    private static History member(String name, List<Step>... parts) {
        return new History(
                name,
                joined(parts),
                1_000,
                History.Ending.ASKED,
                0,
                Optional.of(report(parts.length, parts.length, 0, true, 0)),
                Duration.ZERO);
    }

    @SafeVarargs
    private static History killed(String name, List<Step>... parts) {
        return new History(name, joined(parts), 1_000, History.Ending.KILLED, 137, Optional.empty(), Duration.ZERO);
    }

    private static History late(Duration over, List<Step> part) {
        History told = member("a", part);
        return new History("a", told.steps(), 1_000, told.ending(), 0, told.report(), over);
    }

    private static History with(History told, MemberReport report, int status) {
        return new History(
                told.member(), told.steps(), 1_000, told.ending(), status, Optional.of(report), Duration.ZERO);
    }

    private static MemberReport report(int received, int accepted, int unconfirmed, boolean clean, int status) {
        return new MemberReport(new Counts(received, accepted, 0, 0, 0, 0, unconfirmed, 0), 0, true, clean, status);
    }

    @SafeVarargs
    private static List<Step> joined(List<Step>... parts) {
        List<Step> all = new ArrayList<>();
        for (List<Step> part : parts) {
            all.addAll(part);
        }
        return all;
    }
}
