package io.lastcall.sqs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;

/**
 * A queue with the rules of AWS where ElasticMQ has others: twelve hours of invisibility at most over all extensions, no change after
 * its end, and a delete by an old handle that "succeeds". Of a FIFO group nothing is handed out behind what is invisible, but what
 * stands before that is. A receive attempt id brings the same messages once more. Its clock is the system's, and can be put forward. Any thread.
 */
final class AwsQueue {

    static final Duration LIMIT = Duration.ofHours(12);

    private final boolean fifo;
    private final Duration visibility;

    @GuardedBy("this")
    private final List<Stored> messages = new ArrayList<>();

    // What was given under which receive attempt id.
    @GuardedBy("this")
    private final Map<String, List<Given>> attempts = new HashMap<>();

    @GuardedBy("this")
    private long ahead;

    @GuardedBy("this")
    private boolean answersAtOnce;

    private static final class Stored {
        final String body;
        final @Nullable String group;
        int receives;
        // Of the last receive; invisible until then.
        long received;
        long hiddenUntil;

        Stored(String body, @Nullable String group, long now) {
            this.body = body;
            this.group = group;
            this.hiddenUntil = now;
        }

        String handle() {
            return body + "#" + receives;
        }
    }

    /** One receive of a message, whose body is its id. */
    record Given(String body, @Nullable String group, int receives, String handle) {}

    AwsQueue(boolean fifo, Duration visibility) {
        this.fifo = fifo;
        this.visibility = visibility;
    }

    // ---- what the test does

    synchronized void send(String body, @Nullable String group) {
        messages.add(new Stored(body, group, now()));
        notifyAll();
    }

    synchronized void pass(Duration time) {
        ahead += time.toNanos();
        notifyAll();
    }

    /** Ends the polls that wait, and lets no other wait. */
    synchronized void answerAtOnce(boolean atOnce) {
        answersAtOnce = atOnce;
        notifyAll();
    }

    synchronized int size() {
        return messages.size();
    }

    /** Whether all messages were deleted in time. */
    synchronized boolean empties(Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        while (!messages.isEmpty() && System.nanoTime() < end) {
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, end - System.nanoTime()));
        }
        return messages.isEmpty();
    }

    synchronized int hidden() {
        long now = now();
        return (int) messages.stream().filter(it -> it.hiddenUntil > now).count();
    }

    synchronized int receives(String body) {
        return messages.stream()
                .filter(it -> it.body.equals(body))
                .mapToInt(it -> it.receives)
                .findFirst()
                .orElse(0);
    }

    // ---- what the broker does

    boolean isFifo() {
        return fifo;
    }

    Duration visibility() {
        return visibility;
    }

    synchronized List<Given> receive(int most, Duration wait, Duration hide) throws InterruptedException {
        return receive(most, wait, hide, null);
    }

    /** Under an id that is known, what it brought before, if none of it has changed, hidden anew. */
    synchronized List<Given> receive(int most, Duration wait, Duration hide, @Nullable String attempt)
            throws InterruptedException {
        List<Given> before = attempt == null ? null : attempts.get(attempt);
        if (before != null) {
            boolean same = before.stream().allMatch(it -> change("0", it.handle, hide) == null);
            return same ? before : List.of();
        }
        List<Given> given = receiveNew(most, wait, hide);
        if (attempt != null && !given.isEmpty()) {
            attempts.put(attempt, given);
        }
        return given;
    }

    @GuardedBy("this")
    private List<Given> receiveNew(int most, Duration wait, Duration hide) throws InterruptedException {
        long end = System.nanoTime() + wait.toNanos();
        List<Given> given = take(most, hide);
        while (given.isEmpty() && !answersAtOnce && System.nanoTime() < end) {
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, end - System.nanoTime()));
            given = take(most, hide);
        }
        return given;
    }

    @GuardedBy("this")
    private List<Given> take(int most, Duration hide) {
        long now = now();
        List<Given> given = new ArrayList<>();
        Set<String> blocked = new HashSet<>();
        for (Stored it : messages) {
            if (given.size() == most) {
                break;
            }
            boolean free = it.group == null || !blocked.contains(it.group);
            if (it.hiddenUntil > now) {
                if (it.group != null) {
                    blocked.add(it.group);
                }
            } else if (free) {
                it.receives++;
                it.received = now;
                it.hiddenUntil = now + hide.toNanos();
                given.add(new Given(it.body, it.group, it.receives, it.handle()));
            }
        }
        return given;
    }

    /** The error, or null when it was done. */
    synchronized @Nullable BatchResultErrorEntry change(String id, String handle, Duration hide) {
        long now = now();
        Optional<Stored> found = find(handle).filter(it -> it.handle().equals(handle) && it.hiddenUntil > now);
        if (found.isEmpty()) {
            return error(
                    id,
                    "InvalidParameterValue",
                    "Value " + handle + " for parameter ReceiptHandle is invalid. Reason: Message does not exist or is"
                            + " not available for visibility timeout change.");
        }
        Stored it = found.get();
        if (now - it.received + hide.toNanos() > LIMIT.toNanos()) {
            return error(
                    id,
                    "InvalidParameterValue",
                    "Value " + hide.toSeconds() + " for parameter VisibilityTimeout is invalid. Reason: Total"
                            + " VisibilityTimeout for the message is beyond the limit [43200 seconds].");
        }
        it.hiddenUntil = now + hide.toNanos();
        notifyAll();
        return null;
    }

    /** The error, or null when AWS says that it was done. */
    synchronized @Nullable BatchResultErrorEntry delete(String id, String handle) {
        if (!handle.contains("#")) {
            return error(id, "ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
        }
        Optional<Stored> found = find(handle).filter(it -> it.handle().equals(handle));
        if (fifo && found.filter(it -> it.hiddenUntil > now()).isEmpty()) {
            return error(
                    id,
                    "InvalidParameterValue",
                    "Value " + handle
                            + " for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.");
        }
        found.ifPresent(messages::remove);
        notifyAll();
        return null;
    }

    @GuardedBy("this")
    private Optional<Stored> find(String handle) {
        String body = handle.substring(0, Math.max(0, handle.indexOf('#')));
        return messages.stream().filter(it -> it.body.equals(body)).findFirst();
    }

    @GuardedBy("this")
    private long now() {
        return System.nanoTime() + ahead;
    }

    private static BatchResultErrorEntry error(String id, String code, String message) {
        return BatchResultErrorEntry.builder()
                .id(id)
                .code(code)
                .message(message)
                .senderFault(true)
                .build();
    }
}
