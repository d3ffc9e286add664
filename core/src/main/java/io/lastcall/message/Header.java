package io.lastcall.message;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One header: a name, bytes, and the broker's own word for what the bytes are, so that it can be written back exactly as it
 * was read. Immutable; the array is neither copied nor to be changed.
 *
 * @param name the name, which other headers may share
 * @param value the bytes, or null where the broker holds a null
 * @param kind the broker's type of the value ({@code Number} at SQS, {@code timestamp} at RabbitMQ); {@link #BYTES} or
 *     {@link #TEXT} where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content below, never copied: most are never read
public record Header(String name, byte @Nullable [] value, String kind) {

    /** The kind of a value that is only bytes. */
    public static final String BYTES = "bytes";

    /** The kind of a value that is UTF-8 text. */
    public static final String TEXT = "text";

    /** Checks that name and kind are there. */
    public Header {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
    }

    /**
     * A header of plain bytes.
     *
     * @param name the name
     * @param value the bytes, or null
     * @return the header
     */
    public static Header of(String name, byte @Nullable [] value) {
        return new Header(name, value, BYTES);
    }

    /**
     * A header of UTF-8 text.
     *
     * @param name the name
     * @param value the text
     * @return the header
     */
    public static Header of(String name, String value) {
        return new Header(name, value.getBytes(StandardCharsets.UTF_8), TEXT);
    }

    /**
     * The value read as UTF-8, whatever its kind.
     *
     * @return the text, or null for a null value
     */
    public @Nullable String text() {
        return value == null ? null : new String(value, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Header that
                && name.equals(that.name)
                && kind.equals(that.kind)
                && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * Objects.hash(name, kind) + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return name + "(" + kind + ", " + (value == null ? "null" : value.length + " bytes") + ")";
    }
}
