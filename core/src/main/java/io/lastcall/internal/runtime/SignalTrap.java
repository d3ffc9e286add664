package io.lastcall.internal.runtime;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
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
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
            case "handle" -> {
                told.accept("SIG" + name);
                yield null;
            }
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "signal trap " + name;
        };
        Object signal =
                Class.forName("sun.misc.Signal").getConstructor(String.class).newInstance(name);
        Object ours = Proxy.newProxyInstance(handlerType.getClassLoader(), new Class<?>[] {handlerType}, handler);
        before.put(signal, handle(signal, ours));
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
