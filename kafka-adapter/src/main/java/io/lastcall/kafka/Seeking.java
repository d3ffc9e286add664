package io.lastcall.kafka;

import io.lastcall.spi.Intake;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out seeks that were asked for: looks the places up, drains the lanes, goes there. Poll thread only. */
final class Seeking {

    private static final Logger log = LoggerFactory.getLogger(Seeking.class);
    private static final Duration COMMIT = Duration.ofSeconds(5);

    private final Consumer<byte[], byte[]> client;
    private final Intake<KafkaMessage> intake;
    private final Requests requests;
    private final Wakeup wakeup;
    private final Assignments assignments;
    private final Places places;

    /** Poll thread only: partitions are paused and have no lanes. */
    private boolean halfway;

    Seeking(
            Consumer<byte[], byte[]> client,
            Intake<KafkaMessage> intake,
            Requests requests,
            Wakeup wakeup,
            Assignments assignments) {
        this.client = client;
        this.intake = intake;
        this.requests = requests;
        this.wakeup = wakeup;
        this.assignments = assignments;
        this.places = new Places(client, wakeup);
    }

    /** Between two polls. */
    void carryOut() {
        for (Requests.Seek seek = requests.seeks.poll(); seek != null; seek = requests.seeks.poll()) {
            try {
                seek.done().complete(go(seek.to()));
            } catch (RuntimeException e) {
                seek.done().completeExceptionally(e);
                if (halfway) {
                    // The lanes are drained and the client stands behind what they gave back: only a fresh start
                    // repeats that.
                    throw e;
                }
            }
        }
    }

    private Map<TopicPartition, Long> go(KafkaStart to) {
        refuseWhenStopping();
        Map<TopicPartition, Long> targets = places.find(to, assignments.ids());
        halfway = true;
        client.pause(targets.keySet());
        assignments.close(targets.keySet());
        if (requests.stopAsked.isDone()) {
            // Their lanes are drained, and what follows is left to the next owner, at the old places.
            halfway = false;
            throw stopping();
        }
        targets.forEach(client::seek);
        RuntimeException error = commit(targets);
        assignments.open(targets.keySet(), new Arrival.Known(Map.of(), targets));
        client.resume(targets.keySet());
        halfway = false;
        if (error == null) {
            log.info("moved consumer={} to={}", intake.consumer(), targets);
        } else {
            log.warn(
                    "moved, but the next commit will have to say so consumer={} to={} error=\"{}\"",
                    intake.consumer(),
                    targets,
                    error.toString());
        }
        return Map.copyOf(targets);
    }

    /** A commit that fails is made good by the next one, unless this process ends before. */
    private @Nullable RuntimeException commit(Map<TopicPartition, Long> targets) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        targets.forEach((id, offset) -> offsets.put(id, new OffsetAndMetadata(offset)));
        if (offsets.isEmpty()) {
            return null;
        }
        try {
            wakeup.undisturbed(() -> {
                client.commitSync(offsets, COMMIT);
                return true;
            });
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    private void refuseWhenStopping() {
        if (requests.stopAsked.isDone()) {
            throw stopping();
        }
    }

    private static IllegalStateException stopping() {
        return new IllegalStateException("the consumer is about to stop: nothing was moved");
    }

    /** When nobody carries out any more. Any thread. */
    static void refuseAll(Requests requests) {
        for (Requests.Seek seek = requests.seeks.poll(); seek != null; seek = requests.seeks.poll()) {
            seek.done().completeExceptionally(new IllegalStateException("the consumer has stopped: nothing was moved"));
        }
    }
}
