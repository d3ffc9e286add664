package io.lastcall;

import io.lastcall.internal.runtime.RuntimePlan;
import io.lastcall.internal.runtime.RuntimePlan.Resource;
import io.lastcall.internal.runtime.Runtimes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Describes a {@link ConsumerRuntime}. Each setting is checked when it is given. Not safe for several threads. */
public final class RuntimeBuilder {

    private final List<MessageConsumer> consumers = new ArrayList<>();
    private final List<Resource> resources = new ArrayList<>();
    private String name = "runtime";
    private DrainSettings drain = DrainSettings.DEFAULT;
    private FailurePolicy onFailure = FailurePolicy.stopAll();

    RuntimeBuilder() {}

    /**
     * Names the runtime in logs, threads and its report.
     *
     * @param name not blank; by default {@code runtime}
     * @return this
     */
    public RuntimeBuilder name(String name) {
        this.name = Settings.notBlank("name", name);
        return this;
    }

    /**
     * Adds a consumer that has not been started; the runtime starts it.
     *
     * @param consumer one not added yet
     * @return this
     * @throws IllegalArgumentException when a consumer of that name was added before
     */
    public RuntimeBuilder consumer(MessageConsumer consumer) {
        String added = consumer.name();
        if (consumers.stream().anyMatch(it -> it.name().equals(added))) {
            throw new IllegalArgumentException(
                    "consumer = " + added + ", was added before; names must differ within runtime " + name);
        }
        consumers.add(consumer);
        return this;
    }

    /**
     * Adds what handlers work with and what must outlive them: a pool, a producer, a dead-letter sink. When all consumers have
     * ended, resources are closed one after another, the last one added first, each on a thread of its own that is left behind
     * when the drain's time is over.
     *
     * @param name for logs and the report; not blank
     * @param resource what to close
     * @return this
     */
    public RuntimeBuilder closing(String name, AutoCloseable resource) {
        resources.add(new Resource(Settings.notBlank("name", name), Objects.requireNonNull(resource, "resource")));
        return this;
    }

    /**
     * How the group drains. The total is one absolute deadline over all consumers and resources. It caps each consumer's own
     * settings, as the mode does where one is set: of both the earlier deadline and the harder mode holds. A request that brings
     * a budget or a mode of its own overrides both, as at a consumer. The reserve is kept for resources where there are any; the
     * other parts belong to single consumers and are not looked at.
     *
     * @param settings by default {@link DrainSettings#DEFAULT}
     * @return this
     */
    public RuntimeBuilder drain(DrainSettings settings) {
        this.drain = Objects.requireNonNull(settings, "settings");
        return this;
    }

    /**
     * What to do when a consumer fails.
     *
     * @param policy by default {@link FailurePolicy#stopAll()}
     * @return this
     */
    public RuntimeBuilder onFailure(FailurePolicy policy) {
        this.onFailure = Objects.requireNonNull(policy, "policy");
        return this;
    }

    /**
     * Builds the runtime. Its first thread comes with its first start or drain.
     *
     * @return a runtime that waits for {@link ConsumerRuntime#start()}
     * @throws IllegalArgumentException when there is no consumer
     */
    public ConsumerRuntime build() {
        if (consumers.isEmpty()) {
            throw new IllegalArgumentException("runtime " + name + " has no consumer: call consumer(...)");
        }
        return Runtimes.create(new RuntimePlan(name, consumers, resources, drain, onFailure));
    }
}
