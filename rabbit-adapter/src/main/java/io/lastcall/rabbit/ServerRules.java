package io.lastcall.rabbit;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * By what the server's version decides. Immutable.
 *
 * @param version as the server sent it, empty where it sent none
 * @param major such as 4
 * @param minor such as 3
 */
record ServerRules(String version, int major, int minor) {

    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,6})\\.(\\d{1,6}).*");

    /** Reads the properties that a server sends when a client connects; an unreadable version counts as an old one. */
    static ServerRules of(Map<String, Object> serverProperties) {
        Object sent = serverProperties.get("version");
        String version = sent == null ? "" : sent.toString();
        Matcher numbers = NUMBERS.matcher(version);
        return numbers.matches()
                ? new ServerRules(version, Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2)))
                : new ServerRules(version, 0, 0);
    }

    /** Whether {@code basic.nack} with requeue costs nothing. */
    boolean freeRelease(QueueType type) {
        return type == QueueType.CLASSIC || major > 4 || (major == 4 && minor >= 3);
    }
}
