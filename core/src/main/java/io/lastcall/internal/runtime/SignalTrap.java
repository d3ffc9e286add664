package io.lastcall.internal.runtime;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes TERM and INT away from the JVM, and gives them back. By reflection over {@code sun.misc.Signal}, since javac warns of its
 * direct use and cannot be told not to. Safe for any thread; who is told is called on a thread that the JVM makes for each signal.
 */
final class SignalTrap {

    private static final Logger log = LoggerFactory.getLogger(SignalTrap.class);
    private static final List<String> NAMES = List.of("TERM", "INT");

    /** What handled each signal before, by signal. Guarded by this. */
    private final Map<Object, Object> before = new LinkedHashMap<>();

    private SignalTrap() {}

    /** Sets the trap. What the JVM does not give is logged. */
    static SignalTrap set(String runtime, Consumer<String> told) {
        SignalTrap trap = new SignalTrap();
        for (String name : NAMES) {
            try {
                trap.take(name, told);
            } catch (ReflectiveOperationException | RuntimeException e) {
                log.warn("runtime={} signal={} cannot be taken, it will not drain", runtime, name, e);
            }
        }
        return trap;
    }

    private synchronized void take(String name, Consumer<String> told) throws ReflectiveOperationException {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        MethodHandle tell = MethodHandles.publicLookup()
                .findVirtual(Consumer.class, "accept", MethodType.methodType(void.class, Object.class))
                .bindTo(told)
                .bindTo("SIG" + name);
        MethodHandle handler = MethodHandles.dropArguments(tell, 0, signalType);
        Object signal = signalType.getConstructor(String.class).newInstance(name);
        before.put(signal, handle(signal, MethodHandleProxies.asInterfaceInstance(handlerType, handler)));
    }

    /** Gives all signals back to who had them. */
    synchronized void giveBack() {
        before.forEach((signal, handler) -> {
            try {
                handle(signal, handler);
            } catch (ReflectiveOperationException | RuntimeException e) {
                log.warn("signal={} cannot be given back", signal, e);
            }
        });
        before.clear();
    }

    private static Object handle(Object signal, Object handler) throws ReflectiveOperationException {
        Method handle =
                signal.getClass().getMethod("handle", signal.getClass(), Class.forName("sun.misc.SignalHandler"));
        return handle.invoke(null, signal, handler);
    }
}
