package io.lastcall.sqs;

import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/** Looks on at what a client is asked for. Any thread. */
final class Calls implements ExecutionInterceptor {

    private final List<SdkRequest> all = new CopyOnWriteArrayList<>();
    private final Map<Class<?>, BlockingQueue<SdkRequest>> waiting = new ConcurrentHashMap<>();

    // Written by the test; called on the client's thread before a request goes out.
    volatile Consumer<SdkRequest> before = request -> {};

    /** Waits for a request of a kind that is on its way to the broker; each is waited for once. */
    void await(Class<? extends SdkRequest> kind) throws InterruptedException {
        if (queue(kind).poll(HandIntake.PATIENCE.toNanos(), TimeUnit.NANOSECONDS) == null) {
            throw new AssertionError("no " + kind.getSimpleName() + " within " + HandIntake.PATIENCE);
        }
    }

    <T extends SdkRequest> List<T> of(Class<T> kind) {
        return all.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Override
    public void afterMarshalling(Context.AfterMarshalling context, ExecutionAttributes attributes) {
        before.accept(context.request());
        all.add(context.request());
        queue(context.request().getClass()).add(context.request());
    }

    private BlockingQueue<SdkRequest> queue(Class<?> kind) {
        return waiting.computeIfAbsent(kind, it -> new LinkedBlockingQueue<>());
    }
}
