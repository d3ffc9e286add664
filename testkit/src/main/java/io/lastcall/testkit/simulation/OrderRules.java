package io.lastcall.testkit.simulation;

import io.lastcall.testkit.simulation.Event.Answer;
import io.lastcall.testkit.simulation.Event.Told;
import io.lastcall.testkit.simulation.Traces.Delivery;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** One at a time and in order: H8, I7, I13. */
final class OrderRules extends Rule {

    /** What is known of one strand. */
    private static final class Strand {
        /** Handlers that run, dead letters that are being written. */
        final Set<Integer> atWork = new HashSet<>();
        /** Told, not answered, and the key is held until then. */
        final Set<Integer> settling = new HashSet<>();
        /** What was offered up to this turn must not start: an answer has failed. */
        int poisonedTurn = -1;

        int poisonedRun = -1;
    }

    /** What is known of one strand in one lane. */
    private static final class Line {
        int lastStarted = -1;
        /** What was offered up to this turn, behind the one given back, must not start. */
        int givenBackTurn = -1;

        int givenBack = -1;
    }

    private record LineKey(int lane, Object strand) {}

    private final Map<Object, Strand> strands = new HashMap<>();
    private final Map<LineKey, Line> lines = new HashMap<>();

    OrderRules(Traces traces, Checker checker) {
        super(traces, checker);
    }

    @Override
    void see(Event event) {
        switch (event.kind()) {
            case STARTED, ENDED, TOLD, ANSWERED, LETTER_ASKED, LETTER_ANSWERED -> {
                Delivery delivery = traces.delivery(event.subject());
                Object strand = delivery.facts.strand();
                if (strand != null) {
                    see(event, delivery, strands.computeIfAbsent(strand, key -> new Strand()));
                }
            }
            case DRAINED -> strands.values().forEach(strand -> strand.settling.clear());
            default -> {}
        }
    }

    private void see(Event event, Delivery delivery, Strand strand) {
        switch (event.kind()) {
            case STARTED -> {
                started(event, delivery, strand);
                strand.atWork.add(delivery.id);
            }
            case ENDED, LETTER_ANSWERED -> strand.atWork.remove(delivery.id);
            case LETTER_ASKED -> strand.atWork.add(delivery.id);
            case TOLD -> told(event.what(Told.class), delivery, strand);
            case ANSWERED -> {
                boolean held = strand.settling.remove(delivery.id);
                if (held && event.what() != Answer.SETTLED) {
                    strand.poisonedTurn = traces.turn;
                    strand.poisonedRun = delivery.run;
                }
            }
            default -> {}
        }
    }

    private void started(Event event, Delivery delivery, Strand strand) {
        for (int other : strand.atWork) {
            if (other != delivery.id) {
                violated(
                        "H8",
                        event,
                        delivery + " was started beside " + traces.delivery(other) + " of the same strand "
                                + delivery.facts.strand());
            }
        }
        for (int other : strand.settling) {
            violated(
                    "I7",
                    event,
                    delivery + " was started before the answer for " + traces.delivery(other)
                            + " of the same strand, whose key is held");
        }
        if (delivery.starts == 0 && delivery.run == strand.poisonedRun && delivery.offeredTurn < strand.poisonedTurn) {
            violated("I7", event, delivery + " was started though an answer before it has failed");
        }
        Line line = line(delivery);
        if (delivery.sequence < line.lastStarted) {
            violated("H8", event, delivery + " was started after one that was offered later");
        }
        line.lastStarted = delivery.sequence;
        if (delivery.offeredTurn < line.givenBackTurn && delivery.sequence > line.givenBack) {
            violated("I13", event, delivery + " was started though one before it was given back");
        }
    }

    private void told(Told told, Delivery delivery, Strand strand) {
        if (delivery.starts > 0 && traces.laneOf(delivery).facts.holdsKey()) {
            strand.settling.add(delivery.id);
        }
        if (delivery.starts > 0 && (told == Told.RELEASE || told == Told.RETRY)) {
            Line line = line(delivery);
            line.givenBackTurn = delivery.endTurn;
            line.givenBack = delivery.sequence;
        }
    }

    private Line line(Delivery delivery) {
        Object strand = delivery.facts.strand();
        if (strand == null) {
            throw new AssertionError("no strand");
        }
        return lines.computeIfAbsent(new LineKey(delivery.facts.lane(), strand), key -> new Line());
    }
}
