package io.lastcall.examples.demo;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations as people write them: 500ms, 20s, 2m. Stateless. */
final class DurationText implements ITypeConverter<Duration> {

    private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private static final Duration LONGEST = Duration.ofDays(7);
    private static final String LEGAL = "must be more than zero and written like 500ms, 20s, 2m or 1h";

    @Override
    public Duration convert(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new TypeConversionException("'" + text + "' " + LEGAL);
        }
        long count = Long.parseLong(parts.group(1));
        if (count == 0) {
            throw new TypeConversionException("'" + text + "' " + LEGAL);
        }
        Duration time = switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            default -> Duration.ofHours(count);
        };
        if (time.compareTo(LONGEST) > 0) {
            throw new TypeConversionException("'" + text + "' must be at most " + LONGEST.toHours() + "h");
        }
        return time;
    }

    /** The same back. */
    static String of(Duration time) {
        return time.toMillis() % 1_000 == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms";
    }
}
