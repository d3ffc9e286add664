package io.lastcall.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.Counts;
import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.examples.demo.OrderBroker.Evidence;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Forged books and reports: each fault must be found. Orders 0 to 9 are published unless a test says otherwise. */
class AuditTest {

    private final Ledger ledger = new Ledger(Integer.MAX_VALUE);

    @Test
    void all_is_well_when_each_order_is_in_one_place_and_the_report_says_the_same() {
        publish(10);
        handle(0, 7);
        ledger.givenUp(order(7));
        Audit audit = audit(List.of(8, 9), List.of(7), new Counts(8, 7, 0, 1, 0, 0, 0, 0));
        assertThat(audit.disagreements()).isEmpty();
        assertThat(audit.published()).isEqualTo(10);
        assertThat(audit.handled()).isEqualTo(7);
        assertThat(audit.deadLettered()).isEqualTo(1);
        assertThat(audit.available()).isEqualTo(2);
        assertThat(audit.lost()).isZero();
        assertThat(audit.repeated()).isZero();
    }

    @Test
    void an_order_that_is_nowhere_is_lost_even_if_the_report_accounts_for_it() {
        publish(10);
        handle(0, 9);
        Audit audit = audit(List.of(), List.of(), new Counts(10, 10, 0, 0, 0, 0, 0, 0));
        assertThat(audit.lost()).isEqualTo(1);
        assertThat(audit.disagreements())
                .contains(
                        "handled by the ledger = 9, but accepted by the report = 10",
                        "lost by the ledger and the broker = 1, but none = 0");
    }

    @Test
    void an_order_that_is_handled_well_again_is_repeated() {
        publish(10);
        handle(0, 10);
        ledger.handledWell(order(3));
        Audit audit = audit(List.of(), List.of(), new Counts(10, 10, 0, 0, 0, 0, 0, 0));
        assertThat(audit.repeated()).isEqualTo(1);
        assertThat(audit.disagreements()).containsExactly("handled twice by the ledger = 1, but none = 0");
    }

    @Test
    void an_accepted_order_that_the_broker_would_hand_out_again_is_found() {
        publish(10);
        handle(0, 10);
        Audit audit = audit(List.of(9), List.of(), new Counts(10, 10, 0, 0, 0, 0, 0, 0));
        assertThat(audit.disagreements())
                .contains("done by the ledger and still available at the broker = 1, but none = 0");
    }

    @Test
    void what_the_report_calls_unconfirmed_may_be_handed_out_again() {
        publish(10);
        handle(0, 10);
        Audit audit = audit(List.of(9), List.of(), new Counts(10, 9, 0, 0, 0, 0, 1, 0));
        assertThat(audit.disagreements()).isEmpty();
    }

    @Test
    void a_released_order_that_the_broker_does_not_have_is_lost() {
        publish(10);
        handle(0, 8);
        Audit audit = audit(List.of(9), List.of(), new Counts(10, 8, 0, 0, 2, 0, 0, 0));
        assertThat(audit.lost()).isEqualTo(1);
        assertThat(audit.disagreements())
                .contains(
                        "available at the broker = 1, but published, less those received and not given back = 2",
                        "lost by the ledger and the broker = 1, but none = 0");
    }

    @Test
    void a_missing_dead_letter_is_found() {
        publish(10);
        handle(0, 9);
        ledger.givenUp(order(9));
        Audit audit = audit(List.of(), List.of(), new Counts(10, 9, 0, 1, 0, 0, 0, 0));
        assertThat(audit.disagreements())
                .contains(
                        "dead letters at the broker = 0, but rejected by the report = 1",
                        "given up by the ledger = 1, but dead letters at the broker = 0");
    }

    @Test
    void a_wrong_number_of_retries_is_found() {
        publish(10);
        handle(0, 10);
        ledger.starts(order(3), 2);
        Audit audit = audit(List.of(), List.of(), new Counts(10, 10, 0, 0, 0, 0, 0, 0));
        assertThat(audit.disagreements()).containsExactly("retried by the ledger = 1, but retried by the report = 0");
    }

    @Test
    void an_order_begun_after_a_later_one_of_the_same_customer_is_found() {
        publish(10);
        handle(0, 10);
        ledger.starts(new Order(5, "c", 5, Order.Kind.PLAIN), 1);
        ledger.starts(new Order(4, "c", 4, Order.Kind.PLAIN), 1);
        Audit audit = audit(List.of(), List.of(), new Counts(10, 10, 0, 0, 0, 0, 0, 0));
        assertThat(audit.disagreements()).containsExactly("handled out of a customer's order = 1, but none = 0");
    }

    @Test
    void failed_publishing_is_found() {
        ledger.publishingFailed(new IllegalStateException("no broker"));
        Audit audit = audit(List.of(), List.of(), Counts.NONE);
        assertThat(audit.disagreements())
                .containsExactly("publishing failed: java.lang.IllegalStateException: no broker");
    }

    private void publish(int count) {
        for (int id = 0; id < count; id++) {
            ledger.published(order(id));
        }
    }

    private void handle(int from, int to) {
        for (int id = from; id < to; id++) {
            ledger.handledWell(order(id));
        }
    }

    private static Order order(int id) {
        return new Order(id, "customer-" + id, 0, Order.Kind.PLAIN);
    }

    private Audit audit(List<Integer> available, List<Integer> dead, Counts counts) {
        DrainReport report = new DrainReport(
                "orders",
                "test",
                DrainMode.FINISH_ALL,
                counts,
                0,
                0,
                0,
                0,
                true,
                true,
                new DrainReport.Phases(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO),
                List.of(),
                List.of(),
                Optional.empty());
        return Audit.of(ledger, new Evidence(available, dead), report);
    }
}
