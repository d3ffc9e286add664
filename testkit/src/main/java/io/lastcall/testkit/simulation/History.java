package io.lastcall.testkit.simulation;

import io.lastcall.testkit.simulation.Event.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What happened, in order. Not thread-safe. */
final class History {

    private final LongSupplier clock;
    private final List<Event> events = new ArrayList<>(256);

    History(LongSupplier clock) {
        this.clock = clock;
    }

    void add(Kind kind, int run, int subject, long value, @Nullable Object what) {
        events.add(new Event(kind, clock.getAsLong(), run, subject, value, what));
    }

    void add(Kind kind, int run, int subject) {
        add(kind, run, subject, 0, null);
    }

    List<Event> events() {
        return Collections.unmodifiableList(events);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Event event : events) {
            text.append(event).append('\n');
        }
        return text.toString();
    }
}
