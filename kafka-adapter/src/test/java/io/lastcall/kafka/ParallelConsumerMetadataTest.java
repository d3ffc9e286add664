package io.lastcall.kafka;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Parallel Consumer says is done is taken for done, and nothing else is. */
class ParallelConsumerMetadataTest {

    /** Eight million offsets, every second one done. */
    private static final String MANY =
            "cyi1L/0AWGwAACgAehIAqgEA+P850AICABCqAgAQqgIAEKoCABCqAgAQqgIAEKpVAAAQqgABAEBCORAC";

    /** The same of more than a MiB. */
    private static final String TOO_MANY =
            "cyi1L/0AWGwAACgAhkcAqgEA+P850AICABCqAgAQqgIAEKoCABCqAgAQqgIAEKoCABCqVQAAEKoAAQDgSB0IAQ==";

    private record Written(long committed, long highest, Set<Long> notDone, String encoding, String metadata) {

        DoneBeyond read() {
            return DoneBeyond.read(committed, metadata);
        }

        boolean done(long offset) {
            return offset >= committed && offset <= highest && !notDone.contains(offset);
        }

        boolean readable() {
            return !encoding.startsWith("ByteArray");
        }
    }

    @Test
    void exactly_what_it_says_is_done() throws IOException {
        for (Written written : written()) {
            DoneBeyond read = written.read();
            long end = written.highest() + 100;
            assertThat(LongStream.rangeClosed(Math.max(0, written.committed() - 100), end)
                            .filter(it -> read.contains(it) != (written.readable() && written.done(it))))
                    .as("%s", written)
                    .isEmpty();
            assertThat(read.reaches(written.highest()))
                    .as("%s", written)
                    .isEqualTo(written.readable() && written.done(written.highest()));
            assertThat(read.reaches(written.highest() + 1)).as("%s", written).isFalse();
        }
    }

    @Test
    void all_encodings_were_tried() throws IOException {
        assertThat(written().stream().map(Written::encoding).distinct())
                .containsExactlyInAnyOrder(
                        "BitSet",
                        "BitSetCompressed",
                        "BitSetV2",
                        "BitSetV2Compressed",
                        "RunLength",
                        "RunLengthCompressed",
                        "RunLengthV2",
                        "RunLengthV2Compressed",
                        "ByteArray",
                        "ByteArrayCompressed");
    }

    @Test
    void what_is_cut_off_never_says_more() throws IOException {
        Random random = new Random(1);
        for (Written written : written()) {
            byte[] bytes = Base64.getDecoder().decode(written.metadata());
            for (int i = 0; i < 40; i++) {
                int chars = random.nextInt(written.metadata().length());
                saysNoMore(written, written.metadata().substring(0, chars));
                saysNoMore(written, text(Arrays.copyOf(bytes, random.nextInt(bytes.length))));
            }
        }
    }

    private static void saysNoMore(Written written, String metadata) {
        DoneBeyond read = DoneBeyond.read(written.committed(), metadata);
        if (!read.isEmpty()) {
            assertThat(LongStream.rangeClosed(written.committed(), written.highest())
                            .filter(it -> read.contains(it) && !written.done(it)))
                    .as("%s of %s", metadata, written)
                    .isEmpty();
            assertThat(read.reaches(written.highest() + 1)).isFalse();
        }
    }

    @Test
    void what_is_cut_off_within_bits_or_a_packed_part_says_nothing() throws IOException {
        Random random = new Random(2);
        for (Written written : written()) {
            byte[] bytes = Base64.getDecoder().decode(written.metadata());
            if (!written.encoding().startsWith("RunLength")
                    || written.encoding().endsWith("Compressed")) {
                String cut = text(Arrays.copyOf(bytes, random.nextInt(bytes.length)));
                assertThat(DoneBeyond.read(written.committed(), cut).isEmpty())
                        .as("%s of %s", cut, written)
                        .isTrue();
            }
        }
    }

    @Test
    void damage_never_breaks_the_reader() throws IOException {
        List<Written> all = written();
        Random random = new Random(3);
        for (int i = 0; i < 50_000; i++) {
            Written written = all.get(random.nextInt(all.size()));
            byte[] bytes = Base64.getDecoder().decode(written.metadata());
            for (int hits = 1 + random.nextInt(3); hits > 0; hits--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            DoneBeyond read = DoneBeyond.read(written.committed(), text(bytes));
            assertThat(read.contains(written.committed())).isFalse();
            assertThat(read.contains(written.committed() - 1)).isFalse();
        }
    }

    @Test
    void random_bytes_never_break_the_reader() {
        Random random = new Random(4);
        byte[] encodings = "laosnJepL\u0001\u0002".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 50_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(40)];
            random.nextBytes(bytes);
            bytes[0] = encodings[random.nextInt(encodings.length)];
            assertThat(DoneBeyond.read(7, text(bytes)).contains(7)).isFalse();
        }
    }

    @Test
    void no_offset_is_too_high() {
        // One that is not done, then one that is; two runs of 2^31 - 1.
        for (String metadata : List.of("bAACAgA=", "ZX////9/////")) {
            assertThat(DoneBeyond.read(0, metadata).isEmpty()).isFalse();
            assertThat(DoneBeyond.read(Long.MAX_VALUE - 1, metadata).isEmpty()).isTrue();
        }
    }

    @Test
    void what_is_unpacked_and_kept_is_bounded() {
        DoneBeyond read = DoneBeyond.read(10, MANY);
        assertThat(LongStream.range(0, 200_000).filter(it -> read.contains(it) != (it > 10 && it % 2 == 1)))
                .isEmpty();
        assertThat(LongStream.range(0, 8_000_100).filter(read::contains)).hasSize(1 << 17);
        assertThat(DoneBeyond.read(10, TOO_MANY).isEmpty()).isTrue();
    }

    /** Text of others that is base 64 by chance, metadata of Kafka Streams, and what Parallel Consumer does not write. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "bookings",
                "backup01",
                "node",
                "consumer",
                "pay1",
                "AQAAAAAAAAAB",
                "AgAAAZAAAAAAAAA=",
                // no padding; two lines; something behind the end
                "bAACAgA",
                "bAAC\nAgA=",
                "bAACAgAA",
                "bAACAgA=bAACAgA=",
                // that the committed offset is done
                "bgAAAAE=",
                "bAABAQA=",
                "bAACAwA=",
                // that the last one is not
                "bgABAAEAAQ==",
                "bAADAgA=",
                // bits behind the last one
                "bAACBgA=",
                "bAACAgE=",
                // lengths below zero
                "bv//AAE=",
                "bAABAP//",
                "bP//AAA=",
                "b////wAA"
            })
    void what_it_did_not_write_says_that_nothing_is_done(String metadata) {
        assertThat(DoneBeyond.read(3, metadata).isEmpty()).isTrue();
    }

    @Test
    void tools_see_it_too() {
        KafkaProgress progress = KafkaProgress.of(new OffsetAndMetadata(3, "bgABAAMAAQAB"));
        assertThat(LongStream.range(0, 12).filter(progress::isDone)).containsExactly(0L, 1L, 2L, 4L, 5L, 6L, 8L);
    }

    private static List<Written> written() throws IOException {
        List<Written> all = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                requireNonNull(ParallelConsumerMetadataTest.class.getResourceAsStream("/parallel-consumer.txt")),
                StandardCharsets.UTF_8))) {
            String[] offsets = {};
            for (String line : lines.lines().toList()) {
                String[] words = line.split(" ", -1);
                if (words[0].equals("offsets")) {
                    offsets = words;
                } else if (!words[0].startsWith("#")) {
                    long committed = Long.parseLong(offsets[1]);
                    long highest = Long.parseLong(offsets[2]);
                    all.add(new Written(committed, highest, offsets(offsets[3]), words[0], words[1]));
                }
            }
        }
        assertThat(all).hasSizeGreaterThan(300);
        return all;
    }

    private static Set<Long> offsets(String ranges) {
        Set<Long> all = new HashSet<>();
        for (String range : ranges.equals("none") ? new String[0] : ranges.split(",", -1)) {
            String[] ends = range.split("-", -1);
            LongStream.rangeClosed(Long.parseLong(ends[0]), Long.parseLong(ends[ends.length - 1]))
                    .forEach(all::add);
        }
        return all;
    }

    private static String text(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
