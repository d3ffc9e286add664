package io.lastcall.examples.demo;

import io.lastcall.ClosedResource;
import io.lastcall.DrainReport;
import io.lastcall.DrainReport.Phases;
import io.lastcall.RuntimeReport;
import java.time.Duration;
import java.util.Locale;

/** The end of a demo, for people and for programs. Stateless. */
final class DemoReport {

    private DemoReport() {}

    static String text(OrderBroker broker, Ledger ledger, RuntimeReport report, DrainReport drained, Audit audit) {
        Phases phases = drained.phases();
        StringBuilder text = new StringBuilder();
        text.append(report.clean() ? "Drained clean" : "Drained, not clean")
                .append(" (" + report.reason() + ") in " + millis(phases.total()))
                .append(": receiving stopped after " + millis(phases.stopReceiving()))
                .append(", all in hand finished after " + millis(phases.finish()))
                .append(" more, closed after " + millis(phases.close()) + " more.\n\n");
        line(text, "published", audit.published(), "");
        line(
                text,
                "handled",
                audit.handled(),
                "at most " + ledger.mostRunning() + " at once"
                        + (ledger.outOfOrder() == 0
                                ? ", in order for each of " + ledger.customers() + " customers"
                                : ""));
        line(text, "dead letters", audit.deadLettered(), "read back from the broker");
        line(text, "still there", audit.available(), broker.whereAvailable());
        line(text, "lost", audit.lost(), "");
        line(text, "repeated", audit.repeated(), "");
        line(text, "retried", audit.retried(), "tries beyond the first");
        if (!report.clean()) {
            text.append('\n').append(drained.describe());
            report.failure().ifPresent(it -> text.append("\nfailure: ").append(it));
            report.resources().stream()
                    .filter(it -> it.outcome() != ClosedResource.Outcome.CLOSED)
                    .forEach(it -> text.append('\n').append(it.describe()));
            text.append('\n');
        }
        text.append('\n');
        if (audit.disagreements().isEmpty()) {
            text.append("The ledger of this demo, the broker and the consumer's report agree.");
        } else {
            text.append("ERROR: the ledger of this demo, the broker and the consumer's report disagree:");
            audit.disagreements().forEach(it -> text.append("\n  ").append(it));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, long count, String remark) {
        text.append(String.format(Locale.ROOT, "  %-14s%,10d   %s", name, count, remark)
                        .stripTrailing())
                .append('\n');
    }

    static String json(String broker, boolean clean, DrainReport drained, Audit audit) {
        return json(
                broker,
                audit.published(),
                audit.handled(),
                audit.retried(),
                Long.toString(audit.deadLettered()),
                drained,
                Long.toString(audit.lost()),
                Long.toString(audit.repeated()),
                clean);
    }

    /** What only the broker could say is null. */
    static String jsonWithoutBroker(String broker, DrainReport drained, Ledger ledger) {
        return json(
                broker,
                ledger.publishedIds().size(),
                ledger.handledIds().size(),
                ledger.retried(),
                "null",
                drained,
                "null",
                "null",
                false);
    }

    private static String json(
            String broker,
            long published,
            long handled,
            long retried,
            String deadLettered,
            DrainReport drained,
            String lost,
            String repeated,
            boolean clean) {
        Phases phases = drained.phases();
        return String.format(
                Locale.ROOT,
                "{\"broker\":\"%s\",\"published\":%d,\"handled\":%d,\"retried\":%d,\"deadLettered\":%s,\"released\":%d,"
                        + "\"unconfirmed\":%d,\"abandoned\":%d,\"lost\":%s,\"repeated\":%s,\"clean\":%b,"
                        + "\"drain\":{\"stopReceiving\":%d,\"finish\":%d,\"close\":%d,\"total\":%d}}",
                broker,
                published,
                handled,
                retried,
                deadLettered,
                drained.counts().released(),
                drained.counts().unconfirmed(),
                drained.counts().abandoned(),
                lost,
                repeated,
                clean,
                phases.stopReceiving().toMillis(),
                phases.finish().toMillis(),
                phases.close().toMillis(),
                phases.total().toMillis());
    }

    private static String millis(Duration time) {
        return time.toMillis() + " ms";
    }
}
