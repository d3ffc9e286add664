package io.lastcall.internal.dispatch;

import org.jspecify.annotations.Nullable;

/** Knows whether the current thread runs handlers, and whose, so that a blocking drain can be refused there. Any thread. */
public final class HandlerThread {

    private static final ThreadLocal<Object> FLOOR = new ThreadLocal<>();

    private HandlerThread() {}

    static void enter(Object floor) {
        FLOOR.set(floor);
    }

    static void exit() {
        FLOOR.remove();
    }

    /** Whether the current thread runs handlers of this floor. */
    @SuppressWarnings("ReferenceEquality") // it is this very floor or none
    public static boolean isOf(@Nullable Object floor) {
        return floor != null && FLOOR.get() == floor;
    }
}
