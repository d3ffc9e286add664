package io.lastcall.rabbit;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import io.lastcall.message.Outcome;
import io.lastcall.rabbit.HandIntake.Told;
import io.lastcall.spi.Delivery;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AckLedgerTest {

    private final AckLedger ledger = new AckLedger();
    private final Paper paper = new Paper();

    @Test
    void one_acknowledgement_speaks_for_all_before_the_first_open_tag() throws Exception {
        ledger.add(List.of(accept(2), accept(1), accept(3), accept(5)));
        ledger.write(paper);
        assertThat(paper.lines).containsExactly("ack 3 multiple", "ack 5");
    }

    @Test
    void a_tag_that_is_open_is_never_covered() throws Exception {
        ledger.add(List.of(accept(2), accept(3)));
        ledger.write(paper);
        assertThat(paper.lines).containsExactly("ack 2", "ack 3");
        ledger.add(List.of(accept(1)));
        ledger.write(paper);
        assertThat(paper.lines).containsExactly("ack 2", "ack 3", "ack 1");
    }

    @Test
    void each_outcome_has_its_word() throws Exception {
        ledger.add(List.of(
                told(1, Outcome.release()), told(2, Outcome.retry()), told(3, Outcome.reject("bad")), accept(4)));
        ledger.write(paper);
        assertThat(paper.lines).containsExactly("nack 1 requeue", "reject 2 requeue", "reject 3", "ack 4");
    }

    @Test
    void a_message_whose_dead_letter_is_written_is_acknowledged() throws Exception {
        ledger.add(List.of(new Told(told(1, Outcome.reject("bad")).delivery(), Outcome.reject("bad"), true)));
        ledger.write(paper);
        assertThat(paper.lines).containsExactly("ack 1");
    }

    @Test
    void what_was_given_back_does_not_hold_the_others_up() throws Exception {
        ledger.add(List.of(accept(2), accept(3)));
        ledger.giveBack(List.of(1L), paper);
        ledger.write(paper);
        assertThat(paper.lines).containsExactly("nack 1 requeue", "ack 3 multiple");
    }

    @Test
    void a_reply_answers_for_what_was_written_before_it_was_asked_for() throws Exception {
        Told first = accept(1);
        Told second = accept(2);
        ledger.add(List.of(first));
        ledger.write(paper);
        ledger.ask();
        ledger.add(List.of(second));
        ledger.write(paper);
        assertThat(ledger.isAsked()).isTrue();
        assertThat(ledger.answered()).containsExactly(first);
        assertThat(ledger.isAsked()).isFalse();
        assertThat(ledger.unanswered()).containsExactly(second);
    }

    @Test
    void a_channel_that_was_closed_before_has_told_nothing() {
        Told first = told(1, Outcome.release());
        Told second = accept(2);
        paper.failure = new AlreadyClosedException(new ShutdownSignalException(true, false, null, this));
        ledger.add(List.of(first, second));
        assertThatThrownBy(() -> ledger.write(paper)).isInstanceOf(AlreadyClosedException.class);
        assertThat(ledger.unanswered()).isEmpty();
        assertThat(ledger.untold()).containsExactlyInAnyOrder(first, second);
    }

    @Test
    void words_that_failed_on_their_way_may_have_been_heard() {
        Told gone = accept(1);
        Told alone = accept(3);
        Told last = accept(5);
        paper.failure = new IOException("broken pipe");
        paper.good = 1;
        ledger.add(List.of(gone, alone, last));
        assertThatThrownBy(() -> ledger.write(paper)).isSameAs(paper.failure);
        assertThat(ledger.unanswered()).containsExactly(gone, alone);
        assertThat(ledger.untold()).containsExactly(last);
    }

    @Test
    void over_any_order_each_tag_is_told_once_and_only_after_it_was_decided() throws Exception {
        for (int seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            AckLedger one = new AckLedger();
            Broker broker = new Broker(40);
            List<Long> tags = new ArrayList<>();
            for (long tag = 1; tag <= 40; tag++) {
                tags.add(tag);
            }
            Collections.shuffle(tags.subList(random.nextInt(40), 40), random);
            while (!tags.isEmpty()) {
                int size = Math.min(tags.size(), 1 + random.nextInt(6));
                List<Told> run = new ArrayList<>();
                for (long tag : tags.subList(0, size)) {
                    broker.decided.add(tag);
                    run.add(told(tag, random.nextInt(5) == 0 ? Outcome.release() : Outcome.accept()));
                }
                tags.subList(0, size).clear();
                one.add(run);
                if (random.nextBoolean()) {
                    one.write(broker);
                }
            }
            one.write(broker);
            assertThat(broker.open).as("seed %s", seed).isEmpty();
            assertThat(one.unanswered()).hasSize(40);
        }
    }

    private static Told accept(long tag) {
        return told(tag, Outcome.accept());
    }

    @SuppressWarnings("NullAway") // a ledger looks at tags only
    private static Told told(long tag, Outcome outcome) {
        Generation none = null;
        return new Told(
                new Delivery<>(
                        new AmqpMessage(
                                "q", "c", new Envelope(tag, false, "", "q"), new AMQP.BasicProperties(), new byte[0]),
                        new DeliveryTag(none, tag)),
                outcome);
    }

    /** Writes down what is said, and fails when told to. */
    private static final class Paper implements AckLedger.Pen {
        final List<String> lines = new ArrayList<>();
        int good;

        @Nullable
        Exception failure;

        private void say(String line) throws IOException {
            if (failure != null && good-- <= 0) {
                if (failure instanceof IOException broken) {
                    throw broken;
                }
                throw (RuntimeException) failure;
            }
            lines.add(line);
        }

        @Override
        public void ack(long tag, boolean multiple) throws IOException {
            say("ack " + tag + (multiple ? " multiple" : ""));
        }

        @Override
        public void nack(long tag, boolean requeue) throws IOException {
            say("nack " + tag + (requeue ? " requeue" : ""));
        }

        @Override
        public void reject(long tag, boolean requeue) throws IOException {
            say("reject " + tag + (requeue ? " requeue" : ""));
        }
    }

    /** A broker's rules for tags: each is told once, a multiple one covers all open ones up to it. */
    private static final class Broker implements AckLedger.Pen {
        final TreeSet<Long> open = new TreeSet<>();
        final TreeSet<Long> decided = new TreeSet<>();

        Broker(int tags) {
            for (long tag = 1; tag <= tags; tag++) {
                open.add(tag);
            }
        }

        private void take(long tag) {
            assertThat(open).contains(tag);
            assertThat(decided).contains(tag);
            open.remove(tag);
        }

        @Override
        public void ack(long tag, boolean multiple) {
            if (multiple) {
                open.headSet(tag, false).stream()
                        .collect(toCollection(TreeSet::new))
                        .forEach(this::take);
            }
            take(tag);
        }

        @Override
        public void nack(long tag, boolean requeue) {
            take(tag);
        }

        @Override
        public void reject(long tag, boolean requeue) {
            take(tag);
        }
    }
}
