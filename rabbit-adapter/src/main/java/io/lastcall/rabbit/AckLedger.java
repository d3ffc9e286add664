package io.lastcall.rabbit;

import com.rabbitmq.client.AlreadyClosedException;
import io.lastcall.message.Outcome;
import io.lastcall.spi.Settlement;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What one channel has to tell the broker, what it has told, and what the broker has answered for. An acknowledgement has no answer of
 * its own: it counts as settled when a later synchronous reply has come on the same channel. Owner thread only.
 */
final class AckLedger {

    /** Where the words go: a channel. */
    interface Pen {
        void ack(long tag, boolean multiple) throws IOException;

        void nack(long tag, boolean requeue) throws IOException;

        void reject(long tag, boolean requeue) throws IOException;
    }

    private interface Words {
        void write() throws IOException;
    }

    private final TagPrefix prefix = new TagPrefix();
    // All owner thread. A settlement goes from one of the first two to written, then to asked, then out.
    private final List<Settlement<DeliveryTag>> accepted = new ArrayList<>();
    private final List<Settlement<DeliveryTag>> others = new ArrayList<>();
    private List<Settlement<DeliveryTag>> written = new ArrayList<>();
    private List<Settlement<DeliveryTag>> asked = new ArrayList<>();
    // Owner thread: given back by the end of the channel, not by words.
    private List<Settlement<DeliveryTag>> untilClose = new ArrayList<>();
    // Owner thread: how many of the list that is being written are told.
    private int told;

    void add(List<? extends Settlement<DeliveryTag>> run) {
        for (Settlement<DeliveryTag> settlement : run) {
            boolean done = settlement.outcome() instanceof Outcome.Accept || settlement.isLetterWritten();
            (done ? accepted : others).add(settlement);
        }
    }

    /** The same, but what would come again is left to the close, which gives it back. */
    void addUntilClose(List<? extends Settlement<DeliveryTag>> run) {
        for (Settlement<DeliveryTag> settlement : run) {
            Outcome outcome = settlement.outcome();
            if (outcome instanceof Outcome.Release || outcome instanceof Outcome.Retry) {
                untilClose.add(settlement);
            } else {
                add(List.of(settlement));
            }
        }
    }

    /** Takes out what is left to the close. */
    List<Settlement<DeliveryTag>> untilClose() {
        List<Settlement<DeliveryTag>> all = untilClose;
        untilClose = new ArrayList<>();
        return all;
    }

    /** Tells the broker all that is queued. When this throws, the channel is done for; what it told for certain not is still queued. */
    void write(Pen pen) throws IOException {
        try {
            while (told < others.size()) {
                Settlement<DeliveryTag> next = others.get(told);
                tell(told + 1, () -> refuse(tag(next), next.outcome(), pen));
                prefix.add(tag(next));
            }
        } finally {
            moveTold(others);
        }
        try {
            accept(pen);
        } finally {
            moveTold(accepted);
        }
    }

    /** One acknowledgement for all before the first tag that is still open, one each for those beyond. */
    private void accept(Pen pen) throws IOException {
        accepted.sort(Comparator.comparingLong(AckLedger::tag));
        accepted.forEach(settlement -> prefix.add(tag(settlement)));
        long end = prefix.end();
        int together = 0;
        while (together < accepted.size() && tag(accepted.get(together)) <= end) {
            together++;
        }
        while (told < accepted.size()) {
            int next = Math.max(together, told + 1);
            long tag = tag(accepted.get(next - 1));
            boolean multiple = next - told > 1;
            tell(next, () -> pen.ack(tag, multiple));
        }
    }

    // From RabbitMQ 4.3 on a quorum queue counts a reject and not a nack; on older servers the two are the same.
    private static void refuse(long tag, Outcome outcome, Pen pen) throws IOException {
        if (outcome instanceof Outcome.Release) {
            pen.nack(tag, true);
        } else {
            pen.reject(tag, outcome instanceof Outcome.Retry);
        }
    }

    /** Gives back what the core did not take. */
    void giveBack(List<Long> tags, Pen pen) throws IOException {
        for (long tag : tags) {
            pen.nack(tag, true);
            prefix.add(tag);
        }
    }

    // A channel that was closed before writes nothing; any other failure may have come after the words went out.
    private void tell(int next, Words words) throws IOException {
        int before = told;
        told = next;
        try {
            words.write();
        } catch (AlreadyClosedException e) {
            told = before;
            throw e;
        }
    }

    private void moveTold(List<Settlement<DeliveryTag>> from) {
        List<Settlement<DeliveryTag>> gone = from.subList(0, told);
        written.addAll(gone);
        gone.clear();
        told = 0;
    }

    /** How many were told since the last {@link #ask}. */
    int written() {
        return written.size();
    }

    /** Whether a reply is awaited that will answer for some. */
    boolean isAsked() {
        return !asked.isEmpty();
    }

    /** The broker is asked for a reply now: it will answer for all that is written. */
    void ask() {
        asked = written;
        written = new ArrayList<>();
    }

    /** The reply has come; returns what it answers for. */
    List<Settlement<DeliveryTag>> answered() {
        List<Settlement<DeliveryTag>> all = asked;
        asked = new ArrayList<>();
        return all;
    }

    /** Takes out all that was told and not answered. */
    List<Settlement<DeliveryTag>> unanswered() {
        List<Settlement<DeliveryTag>> all = answered();
        all.addAll(written);
        written = new ArrayList<>();
        return all;
    }

    /** Takes out all that was not told. */
    List<Settlement<DeliveryTag>> untold() {
        List<Settlement<DeliveryTag>> all = new ArrayList<>(accepted);
        all.addAll(others);
        accepted.clear();
        others.clear();
        return all;
    }

    private static long tag(Settlement<DeliveryTag> settlement) {
        return settlement.delivery().receipt().tag;
    }
}
