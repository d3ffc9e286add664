package io.lastcall.kafka;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;

/**
 * What is done above a committed offset, as ranges of offsets: it travels in the metadata of the commit, so that whoever reads on from
 * there repeats none of it. Written as {@value #PREFIX} and the lengths of what is not done and what is, by turns, from the committed
 * offset on, as variable-length integers in base 64. Immutable.
 */
final class DoneBeyond {

    static final DoneBeyond NOTHING = new DoneBeyond(new long[0], new long[0]);

    private static final String PREFIX = "lastcall1:";

    /** Ascending, apart from each other, both ends included. */
    private final long[] firsts;

    private final long[] lasts;

    /** Of ranges: ascending, apart from each other, both ends included. */
    DoneBeyond(long[] firsts, long[] lasts) {
        this.firsts = firsts;
        this.lasts = lasts;
    }

    boolean contains(long offset) {
        int at = Arrays.binarySearch(firsts, offset);
        int range = at >= 0 ? at : -at - 2;
        return range >= 0 && offset <= lasts[range];
    }

    /** Whether anything of it lies at or above an offset. */
    boolean reaches(long offset) {
        return firsts.length > 0 && lasts[lasts.length - 1] >= offset;
    }

    boolean isEmpty() {
        return firsts.length == 0;
    }

    /** Adds what of this lies at or above an offset. */
    void addTo(Writer writer, long from) {
        for (int i = 0; i < firsts.length; i++) {
            if (lasts[i] >= from) {
                writer.add(Math.max(from, firsts[i]), lasts[i]);
            }
        }
    }

    /** Reads the metadata of a commit, ours or Parallel Consumer's; whatever else it is says that nothing is done. */
    static DoneBeyond read(long committed, String metadata) {
        if (!metadata.startsWith(PREFIX)) {
            return ParallelConsumerMetadata.read(committed, metadata);
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(metadata.substring(PREFIX.length())));
            long[] firsts = new long[bytes.remaining() / 2];
            long[] lasts = new long[firsts.length];
            int ranges = 0;
            long at = committed;
            while (bytes.hasRemaining()) {
                // Only the first may be zero: the committed offset itself was done by an earlier owner and not polled
                // yet.
                firsts[ranges] = Math.addExact(at, length(bytes, ranges == 0 ? 0 : 1));
                at = Math.addExact(firsts[ranges], length(bytes, 1));
                lasts[ranges++] = at - 1;
            }
            return new DoneBeyond(Arrays.copyOf(firsts, ranges), Arrays.copyOf(lasts, ranges));
        } catch (RuntimeException unreadable) {
            return NOTHING;
        }
    }

    private static long length(ByteBuffer bytes, long least) {
        long value = 0;
        for (int shift = 0; shift < 63; shift += 7) {
            byte next = bytes.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                if (value < least) {
                    throw new IllegalArgumentException("a length of " + value);
                }
                return value;
            }
        }
        throw new IllegalArgumentException("a length of more than 63 bits");
    }

    /** Writes metadata, up to a length; what does not fit is left out from the end. One thread. */
    static final class Writer {

        private final int mostBytes;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private long end;
        /** The range that may still grow; empty while {@code last < first}. */
        private long first = 0;

        private long last = -1;
        private boolean full;

        /**
         * For a commit.
         *
         * @param committed the offset
         * @param mostChars what the broker takes as metadata
         */
        Writer(long committed, int mostChars) {
            this.end = committed;
            this.mostBytes = Math.max(0, (mostChars - PREFIX.length()) / 4 * 3);
        }

        /** Adds a range, both ends included, above all that were added before. */
        void add(long from, long to) {
            if (last >= first && from == last + 1) {
                last = to;
            } else {
                flush();
                first = from;
                last = to;
            }
        }

        /** The metadata; empty when there is nothing to say. */
        String text() {
            flush();
            return bytes.size() == 0 ? "" : PREFIX + Base64.getEncoder().encodeToString(bytes.toByteArray());
        }

        private void flush() {
            if (last < first) {
                return;
            }
            int before = bytes.size();
            full |= before + length(first - end) + length(last - first + 1) > mostBytes;
            if (!full) {
                write(first - end);
                write(last - first + 1);
                end = last + 1;
            }
            last = first - 1;
        }

        private static int length(long value) {
            return (70 - Long.numberOfLeadingZeros(value)) / 7;
        }

        private void write(long value) {
            long rest = value;
            while (rest >= 0x80) {
                bytes.write((int) ((rest & 0x7f) | 0x80));
                rest >>>= 7;
            }
            bytes.write((int) rest);
        }
    }
}
