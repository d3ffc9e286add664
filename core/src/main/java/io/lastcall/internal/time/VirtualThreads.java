package io.lastcall.internal.time;

import java.lang.reflect.Method;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/** Finds virtual threads on a JVM of 21 or newer; the baseline is 17, so by reflection. Stateless. */
final class VirtualThreads {

    private VirtualThreads() {}

    /** A factory of virtual threads named prefix0, prefix1 and so on; empty where the JVM has none. */
    static Optional<ThreadFactory> named(String prefix) {
        try {
            Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
            Class<?> type = Class.forName("java.lang.Thread$Builder");
            Method name = type.getMethod("name", String.class, long.class);
            Method factory = type.getMethod("factory");
            return Optional.of((ThreadFactory) factory.invoke(name.invoke(builder, prefix, 0L)));
        } catch (ReflectiveOperationException e) {
            return Optional.empty();
        }
    }
}
