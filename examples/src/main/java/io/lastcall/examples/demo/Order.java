package io.lastcall.examples.demo;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One order as it travels through the broker. Immutable.
 *
 * @param id from 0, without gaps in the order of publishing
 * @param customer whose order it is; the key
 * @param turn which order of this customer it is, from 0
 * @param kind how its handling goes
 */
record Order(int id, String customer, int turn, Kind kind) {

    /** How the handling of an order goes. */
    enum Kind {
        /** In a few milliseconds. */
        PLAIN,
        /** In a fifth of a second. */
        SLOW,
        /** Fails the first time. */
        FLAKY,
        /** Fails each time. */
        POISON;

        /** Spread evenly, so that short demos have some of each. */
        static Kind of(int id) {
            if (id % 200 == 150) {
                return POISON;
            }
            if (id % 50 == 30) {
                return SLOW;
            }
            return id % 20 == 7 ? FLAKY : PLAIN;
        }
    }

    byte[] key() {
        return customer.getBytes(StandardCharsets.UTF_8);
    }

    byte[] body() {
        return (id + " " + customer + " " + turn + " " + kind).getBytes(StandardCharsets.UTF_8);
    }

    /** Reads what {@link #body()} wrote. */
    static Order read(byte @Nullable [] body) {
        String text = body == null ? "" : new String(body, StandardCharsets.UTF_8);
        String[] words = text.split(" ", -1);
        if (words.length != 4) {
            throw new IllegalArgumentException("not an order: \"" + text + "\"");
        }
        return new Order(Integer.parseInt(words[0]), words[1], Integer.parseInt(words[2]), Kind.valueOf(words[3]));
    }
}
