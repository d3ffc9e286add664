package io.lastcall;

import java.time.Duration;

/** Checks of settings whose errors name the setting, its value and the legal range. */
final class Settings {

    private Settings() {}

    static Duration atLeast(String name, Duration value, Duration least) {
        if (value.compareTo(least) < 0) {
            throw new IllegalArgumentException(name + " = " + value + ", must be at least " + least);
        }
        return value;
    }

    static Duration atMost(String name, Duration value, Duration most) {
        if (value.compareTo(most) > 0) {
            throw new IllegalArgumentException(name + " = " + value + ", must be at most " + most);
        }
        return value;
    }

    static int within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " = " + value + ", must be from " + least + " to " + most);
        }
        return value;
    }

    static String notBlank(String name, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(name + " = \"" + value + "\", must not be blank");
        }
        return value;
    }
}
