package io.lastcall.sqs;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/** Looks on at what a client is asked for. Any thread. */
final class Calls implements ExecutionInterceptor {

    private final List<SdkRequest> all = new CopyOnWriteArrayList<>();
    private final BlockingQueue<ReceiveMessageRequest> receives = new LinkedBlockingQueue<>();

    /** A receive that is on its way to the broker. */
    ReceiveMessageRequest receive() throws InterruptedException {
        ReceiveMessageRequest next = receives.poll(HandIntake.PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        if (next == null) {
            throw new AssertionError("no receive within " + HandIntake.PATIENCE);
        }
        return next;
    }

    <T extends SdkRequest> List<T> of(Class<T> kind) {
        return all.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Override
    public void afterMarshalling(Context.AfterMarshalling context, ExecutionAttributes attributes) {
        all.add(context.request());
        if (context.request() instanceof ReceiveMessageRequest receive) {
            receives.add(receive);
        }
    }
}
