package io.lastcall.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** T18, T19: what is done beyond a gap survives in the metadata of the commit, and nothing else does. */
class DoneBeyondTest {

    private static String written(long committed, int most, Iterable<Long> done) {
        DoneBeyond.Writer writer = new DoneBeyond.Writer(committed, most);
        done.forEach(offset -> writer.add(offset, offset));
        return writer.text();
    }

    @Test
    void any_set_of_offsets_reads_back_as_it_was_written() {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            long committed = seed % 3 == 0 ? 0 : random.nextLong(Long.MAX_VALUE / 2);
            TreeSet<Long> done = new TreeSet<>();
            for (int i = random.nextInt(40); i > 0; i--) {
                done.add(committed + 1 + random.nextInt(random.nextBoolean() ? 60 : 1_000_000));
            }
            DoneBeyond read = DoneBeyond.read(committed, written(committed, 4096, done));
            long end = done.isEmpty() ? committed : done.last();
            assertThat(done).as("seed %d", seed).allMatch(read::contains);
            assertThat(LongStream.rangeClosed(committed, Math.min(end + 1, committed + 100)))
                    .as("seed %d", seed)
                    .allMatch(it -> read.contains(it) == done.contains(it));
        }
    }

    @Test
    void what_does_not_fit_is_left_out_from_the_end() {
        TreeSet<Long> done = new TreeSet<>();
        for (long offset = 1; offset < 100_000; offset += 2) {
            done.add(offset);
        }
        String metadata = written(0, 200, done);
        assertThat(metadata.length()).isBetween(150, 200);
        DoneBeyond read = DoneBeyond.read(0, metadata);
        assertThat(LongStream.range(0, 100_000).filter(read::contains))
                .hasSizeBetween(60, 100)
                .allMatch(done::contains);
        assertThat(read.contains(1)).isTrue();
        assertThat(written(0, 0, done)).isEmpty();
    }

    @Test
    void what_is_next_to_each_other_takes_one_range() {
        assertThat(written(10, 4096, LongStream.range(11, 5_000).boxed().toList())
                        .length())
                .isLessThan(20);
    }

    @Test
    void a_later_owner_keeps_what_it_has_not_polled_again() {
        DoneBeyond before = DoneBeyond.read(
                5, written(5, 4096, LongStream.of(7, 8, 9, 20).boxed().toList()));
        DoneBeyond.Writer writer = new DoneBeyond.Writer(6, 4096);
        before.addTo(writer, 8);
        DoneBeyond after = DoneBeyond.read(6, writer.text());
        assertThat(LongStream.range(0, 30).filter(after::contains)).containsExactly(8L, 9L, 20L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "written by hand",
                "lastcall1:",
                "lastcall1:###",
                "lastcall1:AA==",
                "lastcall1:AQ==",
                "lastcall1:AQA=",
                "lastcall1://///////////////////w==",
                "lastcall2:AQE="
            })
    void what_cannot_be_read_says_that_nothing_is_done(String metadata) {
        DoneBeyond read = DoneBeyond.read(3, metadata);
        assertThat(read.isEmpty()).isTrue();
        assertThat(KafkaProgress.of(new OffsetAndMetadata(3, metadata)).isDone(3))
                .isFalse();
        assertThat(KafkaProgress.of(new OffsetAndMetadata(3, metadata)).isDone(2))
                .isTrue();
    }

    @Test
    void random_bytes_never_break_the_reader() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(20)];
            random.nextBytes(bytes);
            DoneBeyond read =
                    DoneBeyond.read(1, "lastcall1:" + Base64.getEncoder().encodeToString(bytes));
            assertThat(read.contains(0)).isFalse();
        }
    }

    /** Found by the simulation: an owner that has polled nothing yet hands on what the one before it has done. */
    @Test
    void the_committed_offset_itself_may_be_done() {
        DoneBeyond.Writer writer = new DoneBeyond.Writer(13, 100);
        writer.add(13, 21);
        DoneBeyond read = DoneBeyond.read(13, writer.text());
        assertThat(read.contains(13)).isTrue();
        assertThat(read.contains(21)).isTrue();
        assertThat(read.contains(22)).isFalse();
    }
}
