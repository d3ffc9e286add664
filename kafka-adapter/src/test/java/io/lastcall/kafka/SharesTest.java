package io.lastcall.kafka;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainReport;
import io.lastcall.MessageConsumer;
import io.lastcall.Ordering;
import io.lastcall.message.Outcome;
import io.lastcall.testkit.broker.KafkaBroker;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Partitions share the room that a consumer has. */
class SharesTest {

    private static final int PARTITIONS = 4;

    /** One fetch of one partition would fill the room, and then the other three keep their handlers waiting. */
    @Test
    void no_partition_crowds_out_the_others() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), PARTITIONS)) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                trial.send(partition, 0, 3_000);
            }
            Set<String> started = ConcurrentHashMap.newKeySet();
            CountDownLatch all = new CountDownLatch(1);
            MessageConsumer consumer = MessageConsumer.from(trial.source(Map.of()))
                    .name("shares")
                    .concurrency(PARTITIONS)
                    .limit(2_000)
                    .ordering(Ordering.byLane())
                    .dropRejected()
                    .handle((message, context) -> {
                        if (started.add(message.origin().lane()) && started.size() == PARTITIONS) {
                            all.countDown();
                        }
                        all.await();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(all.await(20, SECONDS)).as("lanes at work: %s", started).isTrue();
            assertThat(consumer.drain().clean()).isTrue();
        }
    }

    /** The others are empty: one partition gets all of the room, though its share is a quarter. */
    @Test
    void a_partition_that_is_alone_gets_all_the_room() throws Exception {
        try (Trial trial = new Trial(KafkaBroker.shared(), PARTITIONS)) {
            trial.send(0, 0, 1_000);
            CountDownLatch all = new CountDownLatch(64);
            MessageConsumer consumer = MessageConsumer.from(trial.source(Map.of("max.poll.records", 4)))
                    .name("alone")
                    .concurrency(64)
                    .limit(64)
                    .dropRejected()
                    .handle((message, context) -> {
                        all.countDown();
                        all.await();
                        return Outcome.accept();
                    })
                    .start();
            assertThat(all.await(20, SECONDS)).as("missing: %s", all.getCount()).isTrue();
            DrainReport report = consumer.drain();
            assertThat(report.clean()).as(report.describe()).isTrue();
        }
    }

    @Test
    void who_waits_may_have_twice_as_much_after_each_poll_that_brought_nothing() {
        Shares shares = new Shares();
        shares.divide(64, 4);
        assertThat(shares.mayTake(15)).isTrue();
        assertThat(shares.mayTake(16)).isFalse();
        shares.nothingCame();
        shares.divide(64, 4);
        assertThat(shares.mayTake(31)).isTrue();
        assertThat(shares.mayTake(32)).isFalse();
        shares.comes(0);
        shares.divide(64, 4);
        assertThat(shares.mayTake(16)).isFalse();
    }

    /** It would wait again and again for others that have nothing. */
    @Test
    void what_comes_for_a_partition_that_is_alone_leaves_its_share() {
        Shares shares = new Shares();
        shares.divide(64, 4);
        assertThat(shares.mayTake(16)).isFalse();
        shares.nothingCame();
        shares.divide(64, 4);
        assertThat(shares.mayTake(8)).isTrue();
        shares.comes(8);
        shares.divide(64, 4);
        assertThat(shares.mayTake(16)).isTrue();
    }
}
