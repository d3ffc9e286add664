package io.lastcall.internal.runtime;

import static io.lastcall.internal.runtime.GroupFixture.report;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lastcall.DrainReport;
import io.lastcall.DrainRequest;
import io.lastcall.FailurePolicy;
import io.lastcall.RuntimeReport;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GroupStartTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final GroupFixture fixture = new GroupFixture();
    private final ManualHost host = fixture.host;

    @Test
    void it_is_ready_when_all_stand() {
        Group group = fixture.group();
        group.start();
        host.run();
        fixture.orders.stand();
        host.run();
        assertThat(group.ready()).isNotCompleted();
        fixture.payments.stand();
        host.run();
        assertThat(group.ready()).isCompleted();
    }

    @Test
    void a_consumer_that_fails_stops_the_group() {
        Group group = fixture.standing();
        IOException gone = new IOException("gone");
        fixture.orders.fail(gone);
        host.run();
        assertThat(fixture.payments.requests).isNotEmpty();
        assertThat(fixture.orders.requests).isEmpty();
        fixture.payments.endClean();
        host.run();
        RuntimeReport report = report(group);
        assertThat(report.failure()).containsSame(gone);
        assertThat(report.reason()).isEqualTo("consumer orders failed");
        assertThat(report.exitStatus()).isEqualTo(RuntimeReport.EXIT_FAILED);
    }

    @Test
    void a_start_that_fails_is_such_a_failure_and_fails_ready_at_once() {
        Group group = fixture.group();
        group.start();
        host.run();
        fixture.payments.stand();
        IOException refused = new IOException("refused");
        fixture.orders.refuseToStart(refused);
        host.run();
        assertThat(fixture.orders.requests)
                .as("what is left of the start is ended")
                .isNotEmpty();
        fixture.orders.endClean();
        host.run();
        assertThatThrownBy(() -> group.ready().toCompletableFuture().join())
                .cause()
                .hasMessageContaining("consumer orders of runtime group failed")
                .rootCause()
                .isSameAs(refused);
        assertThat(group.done()).isNotCompleted();
        fixture.payments.endClean();
        host.run();
        assertThat(report(group).exitStatus()).isEqualTo(RuntimeReport.EXIT_FAILED);
    }

    @Test
    void a_consumer_that_fails_is_started_again_after_doubling_waits() {
        Group group = fixture.onFailure(FailurePolicy.restart(SECOND, SECOND.multipliedBy(3), 5))
                .standing();
        for (int seconds : new int[] {1, 2, 3, 3}) {
            int before = fixture.orders.starts();
            fixture.orders.fail(new IOException("gone"));
            host.advance(Duration.ofSeconds(seconds).minusNanos(1));
            assertThat(fixture.orders.starts()).isEqualTo(before);
            host.advance(Duration.ofNanos(1));
            assertThat(fixture.orders.starts()).isEqualTo(before + 1);
        }
        assertThat(fixture.payments.requests).isEmpty();
        fixture.orders.stand();
        group.drain(DrainRequest.because("test"));
        host.run();
        fixture.endClean();
        RuntimeReport report = report(group);
        assertThat(report.restarted())
                .extracting(DrainReport::consumer)
                .hasSize(4)
                .containsOnly("orders");
        assertThat(report.consumers()).hasSize(2);
        assertThat(report.counts().accepted()).isEqualTo(60);
        assertThat(report.exitStatus()).as("it recovered").isZero();
    }

    @Test
    void a_start_that_fails_is_tried_again_too_and_ready_waits_for_it() {
        Group group =
                fixture.onFailure(FailurePolicy.restart(SECOND, SECOND, 5)).group();
        group.start();
        host.run();
        fixture.payments.stand();
        fixture.orders.refuseToStart(new IOException("refused"));
        host.run();
        fixture.orders.endClean();
        host.advance(SECOND);
        assertThat(group.ready()).isNotCompleted();
        fixture.orders.stand();
        host.run();
        assertThat(group.ready()).isCompleted();
    }

    @Test
    void the_group_stops_when_the_last_restart_has_failed() {
        Group group =
                fixture.onFailure(FailurePolicy.restart(SECOND, SECOND, 2)).standing();
        for (int i = 0; i < 2; i++) {
            fixture.orders.fail(new IOException("gone"));
            host.advance(SECOND);
        }
        assertThat(fixture.payments.requests).isEmpty();
        fixture.orders.fail(new IOException("gone for good"));
        host.run();
        assertThat(fixture.payments.requests).isNotEmpty();
        fixture.payments.endClean();
        host.run();
        assertThat(report(group).failure())
                .get()
                .extracting(Throwable::getMessage)
                .isEqualTo("gone for good");
    }

    @Test
    void a_run_that_stood_long_enough_begins_the_count_anew() {
        fixture.onFailure(FailurePolicy.restart(SECOND, SECOND.multipliedBy(4), 2))
                .standing();
        for (int i = 0; i < 10; i++) {
            host.advance(SECOND.multipliedBy(4));
            fixture.orders.fail(new IOException("gone"));
            host.advance(SECOND);
            assertThat(fixture.orders.starts()).isEqualTo(i + 2);
            fixture.orders.stand();
            host.run();
        }
        assertThat(fixture.payments.requests).isEmpty();
    }

    @Test
    void a_drain_ends_a_back_off_at_once_and_tells_the_failure() {
        Group group =
                fixture.onFailure(FailurePolicy.restart(SECOND, SECOND, 5)).standing();
        fixture.orders.fail(new IOException("gone"));
        host.run();
        group.drain(DrainRequest.because("test"));
        host.run();
        fixture.payments.endClean();
        host.run();
        RuntimeReport report = report(group);
        assertThat(report.took()).isZero();
        assertThat(report.restarted()).isEmpty();
        assertThat(report.consumers()).hasSize(2);
        assertThat(report.exitStatus()).isEqualTo(RuntimeReport.EXIT_FAILED);
        assertThat(fixture.orders.starts()).isEqualTo(1);
        assertThat(host.timers()).isZero();
    }

    @Test
    void a_drain_reaches_consumers_that_are_still_starting() {
        Group group = fixture.group();
        group.start();
        host.run();
        fixture.orders.stand();
        group.drain(DrainRequest.because("test"));
        host.run();
        assertThatThrownBy(() -> group.ready().toCompletableFuture().join())
                .hasMessageContaining("runtime group was drained before all consumers stood: test");
        fixture.payments.refuseToStart(new IOException("drained"));
        fixture.endClean();
        assertThat(report(group).exitStatus())
                .as("asked to end, and ended clean")
                .isZero();
    }

    @Test
    void a_drain_before_the_start_closes_all_and_nothing_starts() {
        AtomicInteger closed = new AtomicInteger();
        Group group = fixture.closing("producer", closed::incrementAndGet).group();
        group.drain(DrainRequest.because("test"));
        group.start();
        host.run();
        fixture.endClean();
        assertThat(report(group).exitStatus()).isZero();
        assertThat(fixture.orders.starts()).isZero();
        assertThat(closed).hasValue(1);
        assertThat(group.ready()).isCompletedExceptionally();
    }

    @Test
    void it_is_done_when_all_consumers_have_ended_by_themselves() {
        AtomicInteger closed = new AtomicInteger();
        Group group = fixture.closing("producer", closed::incrementAndGet).standing();
        fixture.orders.endClean();
        host.run();
        assertThat(fixture.payments.requests).as("others go on").isEmpty();
        fixture.payments.endClean();
        host.run();
        assertThat(report(group).reason()).isEqualTo("all consumers ended");
        assertThat(report(group).exitStatus()).isZero();
        assertThat(closed).hasValue(1);
    }
}
