package io.lastcall.internal.runtime;

import io.lastcall.DrainSettings;
import io.lastcall.FailurePolicy;
import io.lastcall.MessageConsumer;
import java.util.List;

/** A runtime's settings, checked and complete. Immutable. */
public record RuntimePlan(
        String name,
        List<MessageConsumer> consumers,
        List<Resource> resources,
        DrainSettings drain,
        FailurePolicy onFailure) {

    /** What is closed when all consumers have ended. */
    public record Resource(String name, AutoCloseable closeable) {}

    public RuntimePlan {
        consumers = List.copyOf(consumers);
        resources = List.copyOf(resources);
    }
}
