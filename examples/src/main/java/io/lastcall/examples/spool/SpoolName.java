package io.lastcall.examples.spool;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a message's file, which sorts by the time of its publishing; also the receipt of its delivery. Immutable.
 *
 * @param id the same for each delivery
 * @param attempt which delivery this is, from 1
 */
public record SpoolName(String id, int attempt) {

    private static final int TIME_DIGITS = 20;
    private static final Pattern FILE = Pattern.compile("(\\d{" + TIME_DIGITS + "}-[^.]+)\\.(\\d{1,9})\\.msg");
    private static final long NANOS = 1_000_000_000L;

    static SpoolName first(long epochNanos, String unique) {
        return new SpoolName(String.format("%0" + TIME_DIGITS + "d-%s", epochNanos, unique), 1);
    }

    /** Empty for a file that is none of ours. */
    static Optional<SpoolName> of(Path file) {
        Matcher parts = FILE.matcher(file.getFileName().toString());
        return parts.matches()
                ? Optional.of(new SpoolName(parts.group(1), Integer.parseInt(parts.group(2))))
                : Optional.empty();
    }

    SpoolName nextAttempt() {
        return new SpoolName(id, attempt + 1);
    }

    Instant publishedAt() {
        long nanos = Long.parseLong(id.substring(0, TIME_DIGITS));
        return Instant.ofEpochSecond(nanos / NANOS, nanos % NANOS);
    }

    Path in(Path folder) {
        return folder.resolve(id + "." + attempt + ".msg");
    }
}
