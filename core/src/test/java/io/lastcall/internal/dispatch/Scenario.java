package io.lastcall.internal.dispatch;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;

/**
 * A race written down for Lincheck: what comes before, what two threads do, what comes after. An operation is its name, with its
 * argument after a blank. Model checking tries the interleavings of each; random scenarios are for stress, where an invocation
 * costs a hundredth.
 */
final class Scenario {

    private final Class<?> subject;
    private final List<Actor> before = new ArrayList<>();
    private final List<List<Actor>> together = new ArrayList<>();

    private Scenario(Class<?> subject) {
        this.subject = subject;
    }

    /** So many invocations, or the share of them in percent that {@code lastcall.lincheck.effort} says. */
    static int effort(int invocations) {
        return Math.max(1, invocations * Integer.getInteger("lastcall.lincheck.effort", 100) / 100);
    }

    static Scenario of(Class<?> subject, String... before) {
        Scenario scenario = new Scenario(subject);
        scenario.before.addAll(scenario.actors(before));
        return scenario;
    }

    Scenario race(String one, String other) {
        together.add(actors(one));
        together.add(actors(other));
        return this;
    }

    ExecutionScenario then(String... after) {
        return new ExecutionScenario(before, together, actors(after), validation());
    }

    private List<Actor> actors(String... operations) {
        return new ArrayList<>(Arrays.stream(operations).map(this::actor).toList());
    }

    private Actor actor(String operation) {
        String[] words = operation.split(" ", -1);
        Method method = method(words[0]);
        return words.length == 1 ? new Actor(method, List.of()) : new Actor(method, List.of(Integer.valueOf(words[1])));
    }

    private Method method(String name) {
        return Arrays.stream(subject.getMethods())
                .filter(it -> it.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private @Nullable Actor validation() {
        return Arrays.stream(subject.getMethods())
                .filter(it -> it.isAnnotationPresent(Validate.class))
                .findFirst()
                .map(it -> new Actor(it, List.of()))
                .orElse(null);
    }
}
