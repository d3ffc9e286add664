package io.lastcall.message;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a message: ordered, a name may occur more than once, values are bytes with a text view on top. What was read
 * from a broker can be written back without loss. Immutable and safe for any thread.
 */
public final class Headers implements Iterable<Header> {

    private static final Headers EMPTY = new Headers(List.of());

    private final List<Header> all;

    private Headers(List<Header> all) {
        this.all = all;
    }

    /**
     * No headers.
     *
     * @return the empty value, always the same
     */
    public static Headers empty() {
        return EMPTY;
    }

    /**
     * The given headers in the given order.
     *
     * @param headers the headers; copied
     * @return the value
     */
    public static Headers of(List<Header> headers) {
        return headers.isEmpty() ? EMPTY : new Headers(List.copyOf(headers));
    }

    /**
     * The given headers in the given order.
     *
     * @param headers the headers
     * @return the value
     */
    public static Headers of(Header... headers) {
        return of(List.of(headers));
    }

    /**
     * These headers with one more at the end; headers of the same name stay.
     *
     * @param header the header to add
     * @return a new value
     */
    public Headers with(Header header) {
        List<Header> more = new ArrayList<>(all);
        more.add(header);
        return new Headers(List.copyOf(more));
    }

    /**
     * The text of the last header of that name, which is the one that a later writer meant to win.
     *
     * @param name the name, compared exactly
     * @return the text, empty where the header is missing or holds a null
     */
    public Optional<String> text(String name) {
        return last(name).map(Header::text);
    }

    /**
     * The last header of that name.
     *
     * @param name the name, compared exactly
     * @return the header, empty where it is missing
     */
    public Optional<Header> last(String name) {
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).name().equals(name)) {
                return Optional.of(all.get(i));
            }
        }
        return Optional.empty();
    }

    /**
     * All headers of that name, in order.
     *
     * @param name the name, compared exactly
     * @return the headers, empty where there are none
     */
    public List<Header> all(String name) {
        return all.stream().filter(header -> header.name().equals(name)).toList();
    }

    /**
     * How many headers there are, repeated names counted each.
     *
     * @return the number
     */
    public int size() {
        return all.size();
    }

    @Override
    public Iterator<Header> iterator() {
        return all.iterator();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Headers that && all.equals(that.all);
    }

    @Override
    public int hashCode() {
        return all.hashCode();
    }

    @Override
    public String toString() {
        return all.toString();
    }
}
