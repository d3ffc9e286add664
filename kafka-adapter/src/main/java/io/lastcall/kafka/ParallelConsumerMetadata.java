package io.lastcall.kafka;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;

/**
 * Reads what Confluent's Parallel Consumer (0.4 and later) leaves in the metadata of its commits, so that a group can move from it to here
 * and repeat nothing. Base 64 of a byte that names the encoding, then, for the offsets from the committed one to the highest that is done,
 * either a bit for each or the lengths of what is not done and what is, by turns; numbers are big endian, of two bytes or of four. Half of
 * the encodings are packed by Zstandard; they say nothing where zstd-jni, which comes with Kafka's client, was taken off the class path.
 * Stateless.
 *
 * <p>The encodings "ByteArray", which only Parallel Consumer's tests write, and those of Kafka Streams say nothing either.
 */
final class ParallelConsumerMetadata {

    /** What packed metadata may grow to: as bits, eight million offsets. */
    private static final int MOST_BYTES = 1 << 20;

    /** What is kept of bits; what is done behind so many comes again. */
    private static final int MOST_RANGES = 1 << 17;

    /** How far back packed metadata may refer to itself, as a power of two; it takes that much memory to unpack it. */
    private static final int WINDOW = 23;

    private ParallelConsumerMetadata() {}

    /**
     * Reads the metadata of a commit; whatever is not exactly as Parallel Consumer writes it says that nothing is done. So does what ends
     * with an offset that is not done, or says that the committed offset is: it writes neither, and text of another make may look like it.
     */
    static DoneBeyond read(long committed, String metadata) {
        if (metadata.isEmpty() || metadata.length() % 4 != 0) {
            return DoneBeyond.NOTHING;
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(metadata);
            return switch (bytes[0]) {
                case 'l' -> bits(committed, plain(bytes), Short.BYTES);
                case 'a' -> bits(committed, unpacked(bytes), Short.BYTES);
                case 'o' -> bits(committed, plain(bytes), Integer.BYTES);
                case 's' -> bits(committed, unpacked(bytes), Integer.BYTES);
                case 'n' -> runs(committed, plain(bytes), Short.BYTES);
                case 'J' -> runs(committed, unpacked(bytes), Short.BYTES);
                case 'e' -> runs(committed, plain(bytes), Integer.BYTES);
                case 'p' -> runs(committed, unpacked(bytes), Integer.BYTES);
                default -> DoneBeyond.NOTHING;
            };
        } catch (IOException | ReflectiveOperationException | RuntimeException | LinkageError unreadable) {
            return DoneBeyond.NOTHING;
        }
    }

    /** How many bits, then the bits, the lowest of each byte first, and always one byte more than they take. */
    private static DoneBeyond bits(long committed, ByteBuffer data, int width) {
        int count = number(data, width);
        check(data.remaining() == (count + 7L) / 8 + 1);
        BitSet done = BitSet.valueOf(data);
        check(!done.get(0) && done.length() == count && committed <= Long.MAX_VALUE - count);
        long[] firsts = new long[Math.min(count / 2, MOST_RANGES)];
        long[] lasts = new long[firsts.length];
        int ranges = 0;
        int end = 0;
        while (end < count && ranges < firsts.length) {
            int first = done.nextSetBit(end);
            end = done.nextClearBit(first);
            firsts[ranges] = committed + first;
            lasts[ranges++] = committed + end - 1;
        }
        return new DoneBeyond(Arrays.copyOf(firsts, ranges), Arrays.copyOf(lasts, ranges));
    }

    private static DoneBeyond runs(long committed, ByteBuffer data, int width) {
        check(data.remaining() % (2 * width) == 0);
        long[] firsts = new long[data.remaining() / (2 * width)];
        long[] lasts = new long[firsts.length];
        long at = committed;
        for (int i = 0; i < firsts.length; i++) {
            firsts[i] = Math.addExact(at, run(data, width));
            at = Math.addExact(firsts[i], run(data, width));
            lasts[i] = at - 1;
        }
        return new DoneBeyond(firsts, lasts);
    }

    private static int run(ByteBuffer data, int width) {
        int length = number(data, width);
        check(length > 0);
        return length;
    }

    private static int number(ByteBuffer data, int width) {
        return width == Short.BYTES ? data.getShort() : data.getInt();
    }

    private static ByteBuffer plain(byte[] bytes) {
        return ByteBuffer.wrap(bytes, 1, bytes.length - 1);
    }

    /** By reflection, since Kafka's client brings the library at run time only. */
    private static ByteBuffer unpacked(byte[] bytes) throws IOException, ReflectiveOperationException {
        Class<?> type = Class.forName("com.github.luben.zstd.ZstdInputStreamNoFinalizer");
        InputStream packed = new ByteArrayInputStream(bytes, 1, bytes.length - 1);
        try (InputStream plain =
                (InputStream) type.getConstructor(InputStream.class).newInstance(packed)) {
            type.getMethod("setLongMax", int.class).invoke(plain, WINDOW);
            byte[] all = plain.readNBytes(MOST_BYTES + 1);
            check(all.length <= MOST_BYTES);
            return ByteBuffer.wrap(all);
        }
    }

    private static void check(boolean readable) {
        if (!readable) {
            throw new IllegalArgumentException("not written by Parallel Consumer");
        }
    }
}
