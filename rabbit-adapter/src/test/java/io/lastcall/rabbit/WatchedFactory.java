package io.lastcall.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Consumer;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Real connections whose channels write down what is asked of them, and by which thread. Safe for any thread. */
final class WatchedFactory extends ConnectionFactory {

    /** One call on a channel: the method and those of its arguments that are numbers, booleans or names. */
    record Call(String words, Thread by) {}

    final List<Call> calls;
    private final CountDownLatch cancelOk;

    /** Connects as that one does. */
    WatchedFactory(ConnectionFactory like) {
        this(like, new CountDownLatch(0));
    }

    /** Tells consumers of a confirmed cancel when the latch is open. */
    WatchedFactory(ConnectionFactory like, CountDownLatch cancelOk) {
        this.cancelOk = cancelOk;
        calls = new CopyOnWriteArrayList<>();
        setHost(like.getHost());
        setPort(like.getPort());
        setUsername(like.getUsername());
        setPassword(like.getPassword());
        setVirtualHost(like.getVirtualHost());
    }

    List<String> words() {
        return calls.stream().map(Call::words).toList();
    }

    @Override
    public Connection newConnection(String clientName) throws IOException, TimeoutException {
        Connection real = super.newConnection(clientName);
        return watched(
                Connection.class,
                real,
                (proxy, method, arguments) -> method.getName().equals("createChannel")
                        ? watched(Channel.class, real.createChannel(), this::note)
                        : null);
    }

    private @Nullable Object note(Object proxy, Method method, Object @Nullable [] arguments) {
        String words = arguments == null
                ? ""
                : Arrays.stream(arguments)
                        .filter(it -> it instanceof Number || it instanceof Boolean || it instanceof String)
                        .map(it -> " " + it)
                        .collect(Collectors.joining());
        calls.add(new Call(method.getName() + words, Thread.currentThread()));
        for (int i = 0; arguments != null && i < arguments.length; i++) {
            if (arguments[i] instanceof Consumer consumer) {
                arguments[i] = watched(Consumer.class, consumer, this::hold);
            }
        }
        return null;
    }

    private @Nullable Object hold(Object proxy, Method method, Object @Nullable [] arguments) throws Exception {
        if (method.getName().equals("handleCancelOk") && !cancelOk.await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("nobody opened the latch");
        }
        return null;
    }

    /** Asks the watcher first, and the real one where it answers null. */
    private static <T> T watched(Class<T> type, T real, InvocationHandler watcher) {
        Object proxy = Proxy.newProxyInstance(
                WatchedFactory.class.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    Object instead = watcher.invoke(self, method, arguments);
                    if (instead != null) {
                        return instead;
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return type.cast(proxy);
    }
}
