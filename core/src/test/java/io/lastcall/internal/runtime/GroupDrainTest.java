package io.lastcall.internal.runtime;

import static io.lastcall.internal.runtime.GroupFixture.report;
import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.ClosedResource;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.Problem;
import io.lastcall.RuntimeReport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GroupDrainTest {

    private final GroupFixture fixture = new GroupFixture();
    private final ManualHost host = fixture.host;

    @Test
    void consumers_drain_in_parallel_within_what_is_left_of_one_deadline() {
        Group group = fixture.standing();
        group.drain(DrainRequest.because("test"));
        host.advance(Duration.ZERO);

        assertThat(fixture.orders.requests).last().isEqualTo(fixture.payments.requests.get(1));
        assertThat(fixture.orders.requests)
                .last()
                .extracting(DrainRequest::within)
                .isEqualTo(seconds(10));

        host.advance(Duration.ofSeconds(4));
        group.drain(DrainRequest.because("again"));
        host.run();
        assertThat(fixture.payments.requests)
                .last()
                .extracting(DrainRequest::within)
                .isEqualTo(seconds(6));
        assertThat(group.done()).isNotCompleted();

        fixture.orders.endClean();
        host.run();
        assertThat(group.done()).isNotCompleted();
        fixture.payments.endClean();
        host.run();
        RuntimeReport report = report(group);
        assertThat(report.consumers()).extracting(DrainReport::consumer).containsExactly("orders", "payments");
        assertThat(report.took()).isEqualTo(Duration.ofSeconds(4));
        assertThat(report.counts().accepted()).isEqualTo(20);
        assertThat(report.exitStatus()).isEqualTo(RuntimeReport.EXIT_CLEAN);
    }

    @Test
    void a_consumers_own_settings_hold_where_they_are_tighter() {
        fixture.draining();
        assertThat(fixture.orders.requests.get(0)).isEqualTo(DrainRequest.because("test"));
    }

    @Test
    void a_request_with_a_budget_and_a_mode_overrides_a_consumers_own_settings() {
        Group group = fixture.standing();
        group.drain(DrainRequest.because("test").within(Duration.ofSeconds(3)).mode(DrainMode.FINISH_ALL));
        host.elapse(Duration.ofSeconds(1));
        host.run();
        assertThat(fixture.orders.requests)
                .containsOnly(new DrainRequest("test", seconds(2), Optional.of(DrainMode.FINISH_ALL)));
    }

    @Test
    void the_groups_own_mode_is_only_a_cap() {
        fixture.drain(DrainSettings.DEFAULT.mode(DrainMode.STOP_NOW)).draining();
        assertThat(fixture.orders.requests)
                .extracting(DrainRequest::mode)
                .containsExactly(Optional.empty(), Optional.of(DrainMode.STOP_NOW));
    }

    @Test
    void the_deadline_counts_from_the_request_not_from_when_it_is_seen() {
        Group group = fixture.standing();
        group.drain(DrainRequest.because("test").within(Duration.ofSeconds(3)));
        host.elapse(Duration.ofSeconds(1));
        host.run();
        assertThat(fixture.orders.requests)
                .last()
                .extracting(DrainRequest::within)
                .isEqualTo(seconds(2));
    }

    @Test
    void requests_merge_to_the_earliest_deadline_and_the_hardest_mode() {
        Group group = fixture.draining();
        group.drain(DrainRequest.because("sooner").within(Duration.ofSeconds(2)).mode(DrainMode.STOP_NOW));
        group.drain(DrainRequest.because("later").within(Duration.ofSeconds(60)).mode(DrainMode.FINISH_ALL));
        host.run();
        assertThat(fixture.orders.requests)
                .last()
                .isEqualTo(new DrainRequest("later", seconds(2), Optional.of(DrainMode.STOP_NOW)));
    }

    @Test
    void resources_are_closed_in_reverse_order_when_all_consumers_have_ended() {
        List<String> closed = new ArrayList<>();
        Group group = fixture.closing("database", () -> closed.add("database"))
                .closing("producer", () -> closed.add("producer"))
                .draining();
        fixture.orders.endClean();
        host.run();
        assertThat(closed).isEmpty();
        fixture.payments.endClean();
        host.run();
        assertThat(closed).containsExactly("producer", "database");
        assertThat(report(group).resources())
                .extracting(ClosedResource::outcome)
                .containsOnly(ClosedResource.Outcome.CLOSED);
        assertThat(report(group).exitStatus()).isZero();
    }

    @Test
    void consumers_leave_the_reserve_to_the_resources() {
        fixture.drain(DrainSettings.within(Duration.ofSeconds(10)).reserve(Duration.ofSeconds(3)))
                .closing("database", () -> {})
                .draining();
        assertThat(fixture.orders.requests)
                .last()
                .extracting(DrainRequest::within)
                .isEqualTo(seconds(7));
    }

    @Test
    void a_resource_that_hangs_is_left_behind_at_the_deadline_and_the_next_is_still_asked() {
        List<String> closed = new ArrayList<>();
        Group group = fixture.closing("database", () -> closed.add("database"))
                .closing("producer", () -> {})
                .draining();
        host.hang("close-producer");
        fixture.endClean();
        host.advance(Duration.ofMillis(9_999));
        assertThat(group.done()).isNotCompleted();
        host.advance(Duration.ofMillis(1));
        assertThat(closed).containsExactly("database");
        RuntimeReport report = report(group);
        assertThat(report.resources())
                .extracting(ClosedResource::outcome)
                .containsExactly(ClosedResource.Outcome.LEFT_BEHIND, ClosedResource.Outcome.LEFT_BEHIND);
        assertThat(report.exitStatus()).isEqualTo(RuntimeReport.EXIT_UNCLEAN);
        assertThat(report.describe()).contains("producer still closing after 10000 ms");
    }

    @Test
    void a_resource_that_throws_is_reported_and_the_next_is_closed() {
        Group group = fixture.closing("database", () -> {})
                .closing("producer", () -> {
                    throw new IOException("no route");
                })
                .draining();
        fixture.endClean();
        RuntimeReport report = report(group);
        assertThat(report.resources())
                .extracting(ClosedResource::outcome)
                .containsExactly(ClosedResource.Outcome.FAILED, ClosedResource.Outcome.CLOSED);
        assertThat(report.describe()).contains("producer failed to close after 0 ms (java.io.IOException: no route)");
        assertThat(report.exitStatus()).isEqualTo(RuntimeReport.EXIT_UNCLEAN);
    }

    @Test
    void a_sooner_deadline_holds_for_resources_that_are_closing() {
        Group group = fixture.closing("producer", () -> {}).draining();
        host.hang("close-producer");
        fixture.endClean();
        group.drain(DrainRequest.because("sooner").within(Duration.ofSeconds(1)));
        host.advance(Duration.ofSeconds(1));
        assertThat(report(group).took()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void a_consumer_that_never_reports_is_given_up_shortly_after_the_deadline() {
        Group group = fixture.draining();
        fixture.orders.endClean();
        host.advance(Duration.ofSeconds(10));
        assertThat(group.done()).isNotCompleted();
        host.advance(Duration.ofMillis(250));
        RuntimeReport report = report(group);
        assertThat(report.unended()).containsExactly("payments");
        assertThat(report.exitStatus()).isEqualTo(RuntimeReport.EXIT_UNCLEAN);
        assertThat(report.describe()).contains("no report in time from consumer payments");
    }

    @Test
    void finish_all_gives_nobody_up_until_it_is_hardened() {
        Group group = fixture.standing();
        group.drain(DrainRequest.because("test").mode(DrainMode.FINISH_ALL));
        host.advance(Duration.ofHours(1));
        assertThat(group.done()).isNotCompleted();
        group.harden("again");
        host.run();
        assertThat(fixture.orders.requests)
                .last()
                .extracting(DrainRequest::within)
                .isEqualTo(seconds(10));
        host.advance(Duration.ofSeconds(10));
        assertThat(group.done()).isNotCompleted();
        host.advance(Duration.ofMillis(250));
        assertThat(report(group).unended()).hasSize(2);
    }

    @Test
    void hardening_goes_one_step_from_what_holds_for_each_consumer() {
        Group group = fixture.draining();
        fixture.orders.mode = Optional.of(DrainMode.FINISH_STARTED);
        fixture.payments.mode = Optional.of(DrainMode.FINISH_UNTIL_DEADLINE);
        group.harden("SIGTERM");
        host.run();
        assertThat(fixture.orders.requests)
                .last()
                .isEqualTo(new DrainRequest("SIGTERM", seconds(10), Optional.of(DrainMode.STOP_NOW)));
        assertThat(fixture.payments.requests)
                .last()
                .isEqualTo(new DrainRequest("SIGTERM", seconds(10), Optional.of(DrainMode.FINISH_STARTED)));
        // Not told yet that it was hardened: the next step follows on the last one all the same.
        group.harden("SIGTERM");
        host.run();
        assertThat(fixture.payments.requests)
                .last()
                .isEqualTo(new DrainRequest("SIGTERM", seconds(10), Optional.of(DrainMode.STOP_NOW)));
    }

    @Test
    void an_unclean_consumer_makes_the_group_unclean() {
        Group group = fixture.draining();
        fixture.orders.endClean();
        fixture.payments.endWith(new Problem("settle", "refused", null));
        host.run();
        assertThat(report(group).clean()).isFalse();
        assertThat(report(group).exitStatus()).isEqualTo(RuntimeReport.EXIT_UNCLEAN);
    }

    @Test
    void a_failure_that_ends_a_consumer_during_the_drain_makes_the_group_failed() {
        Group group = fixture.draining();
        fixture.orders.endClean();
        fixture.payments.fail(new IOException("gone"));
        host.run();
        assertThat(report(group).exitStatus()).isEqualTo(RuntimeReport.EXIT_FAILED);
    }

    @Test
    void after_the_end_nothing_is_left_running() {
        Group group = fixture.closing("producer", () -> {}).draining();
        fixture.endClean();
        assertThat(host.isClosed()).isTrue();
        group.drain(DrainRequest.because("late"));
        host.run();
        assertThat(report(group).reason()).isEqualTo("test");
    }

    @Test
    void the_report_is_told_on_a_thread_that_nothing_waits_for() {
        Group group = fixture.standing();
        List<String> places = new ArrayList<>();
        group.done().thenRun(() -> places.add(host.place()));
        group.drain(DrainRequest.because("test"));
        host.run();
        fixture.endClean();
        assertThat(places).containsExactly("completion");
    }

    private static Optional<Duration> seconds(int count) {
        return Optional.of(Duration.ofSeconds(count));
    }
}
