package io.lastcall.kafka;

import io.lastcall.message.Outcome;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Failure;
import io.lastcall.spi.Lane;
import io.lastcall.spi.Revocation;
import io.lastcall.spi.RevokeReason;
import io.lastcall.spi.Settlement;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/**
 * The hand-over from workers to the poll thread under Lincheck: each settlement is answered once, whether it is booked or comes after
 * the end, and the poll thread never sleeps over one.
 */
class InboxTest {

    @Test
    void nothing_is_left_in_it_under_stress() {
        new StressOptions()
                .iterations(5)
                .invocationsPerIteration(500)
                .threads(3)
                .actorsPerThread(3)
                .actorsBefore(1)
                .actorsAfter(0)
                .sequentialSpecification(Model.class)
                .check(Subject.class);
    }

    @Test
    void nothing_is_left_in_it_in_all_interleavings_tried() {
        new ModelCheckingOptions()
                .iterations(4)
                .invocationsPerIteration(100)
                .threads(2)
                .actorsPerThread(2)
                .actorsBefore(1)
                .actorsAfter(0)
                .sequentialSpecification(Model.class)
                .check(Subject.class);
    }

    /** A partition that has ended refuses each settlement that is booked: so booking one answers it. */
    public static class Subject {

        private final AtomicInteger added = new AtomicInteger();
        private final AtomicInteger answered = new AtomicInteger();
        private final Partition partition =
                new Partition(new TopicPartition("topic", 0), "topic-0", new CountingLane(answered));
        private final AtomicInteger wakeups = new AtomicInteger();
        private final Wakeup wakeup = new Wakeup(wakeups::incrementAndGet);
        private final Inbox inbox = new Inbox(wakeup);

        // The poll thread only, and the end.
        private boolean sleeping;
        private boolean closed;

        public Subject() {
            Failure over = Failure.refused("over", null);
            partition.end(over, over, false);
        }

        @Operation
        public void add() {
            added.incrementAndGet();
            KafkaMessage message =
                    new KafkaMessage(new ConsumerRecord<>("topic", 0, 0, new byte[0], new byte[0]), partition, 0);
            inbox.add(List.of(new Done(new Delivery<>(message, message))));
        }

        /** One round of the poll loop, up to its poll. */
        @Operation(nonParallelGroup = "poll")
        public void round() {
            if (closed) {
                return;
            }
            wakeup.leavePoll();
            inbox.awaited(true);
            inbox.book();
            wakeups.set(0);
            sleeping = wakeup.enterPoll();
        }

        @Operation(nonParallelGroup = "poll")
        public void close() {
            closed = true;
            inbox.close();
        }

        @Validate
        public void all_is_answered() {
            int left = added.get() - answered.get();
            if (closed ? left != 0 : sleeping && wakeups.get() == 0 && left != 0) {
                throw new IllegalStateException(left + " are left, closed " + closed);
            }
        }
    }

    /** Nothing is returned, so nothing is to be explained: what counts is how it ends. */
    public static class Model {

        public void add() {}

        public void round() {}

        public void close() {}
    }

    private record Done(Delivery<KafkaMessage> delivery) implements Settlement<KafkaMessage> {

        @Override
        public Outcome outcome() {
            return Outcome.accept();
        }
    }

    private record CountingLane(AtomicInteger answered) implements Lane<KafkaMessage> {

        @Override
        public int capacity() {
            return 0;
        }

        @Override
        public int awaitCapacity(Duration atMost) {
            return 0;
        }

        @Override
        public boolean offer(List<Delivery<KafkaMessage>> batch) {
            return false;
        }

        @Override
        public void settled(Collection<? extends Settlement<KafkaMessage>> covered) {
            answered.addAndGet(covered.size());
        }

        @Override
        public void unsettled(Collection<? extends Settlement<KafkaMessage>> failed, Failure why) {
            answered.addAndGet(failed.size());
        }

        @Override
        public Revocation revoke(RevokeReason why) {
            throw new AssertionError("revoked: " + why);
        }
    }
}
