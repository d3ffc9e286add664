package io.lastcall.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainRequest;
import io.lastcall.DrainSettings;
import io.lastcall.FailurePolicy;
import io.lastcall.MessageConsumer;
import io.lastcall.RuntimeReport;
import io.lastcall.internal.runtime.RuntimePlan.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Two silent consumers, a host whose clock stands, and a group over them that the test describes. Not safe for threads. */
final class GroupFixture {

    final ManualHost host = new ManualHost();
    final FakeConsumer orders = FakeConsumer.silent("orders");
    final FakeConsumer payments = FakeConsumer.silent("payments");
    private final List<MessageConsumer> consumers = List.of(orders, payments);
    private final List<Resource> resources = new ArrayList<>();
    private DrainSettings drain = DrainSettings.within(Duration.ofSeconds(10));
    private FailurePolicy onFailure = FailurePolicy.stopAll();

    GroupFixture drain(DrainSettings settings) {
        drain = settings;
        return this;
    }

    GroupFixture onFailure(FailurePolicy policy) {
        onFailure = policy;
        return this;
    }

    GroupFixture closing(String name, AutoCloseable resource) {
        resources.add(new Resource(name, resource));
        return this;
    }

    Group group() {
        return new Group(host, new RuntimePlan("group", consumers, resources, drain, onFailure));
    }

    /** A group whose consumers stand. */
    Group standing() {
        Group group = group();
        group.start();
        host.run();
        orders.stand();
        payments.stand();
        host.run();
        return group;
    }

    /** A group that was asked to drain and told its consumers. */
    Group draining() {
        Group group = standing();
        group.drain(DrainRequest.because("test"));
        host.run();
        return group;
    }

    void endClean() {
        orders.endClean();
        payments.endClean();
        host.run();
    }

    static RuntimeReport report(Group group) {
        assertThat(group.done()).isCompleted();
        return group.done().toCompletableFuture().join();
    }
}
