package io.lastcall.sqs;

import io.lastcall.message.Message;
import io.lastcall.message.Outcome.Reject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.SendMessageRequest;

/** The queue that rejected messages are sent to. Safe for any thread, which it blocks. */
final class DeadLetterQueue {

    /** The message attribute that says why. */
    static final String REASON = "lastcall-reason";

    // SQS: at most ten attributes. The reason is left out of messages that are near the smallest of the size limits
    // that
    // queues have had, 256 KiB, since it must not be what makes a message too large.
    private static final int MOST_ATTRIBUTES = 10;
    private static final int LARGE = 200 * 1024;
    private static final int LONGEST_REASON = 256;

    // What SQS refuses in a text, halves of a pair that was cut apart among them.
    private static final Pattern FORBIDDEN =
            Pattern.compile("[^\\x09\\x0A\\x0D\\x20-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]");

    private final SqsClient client;
    private final QueueFacts queue;
    private final Duration longest;

    /** @param longest when a call counts as not answered, retries of the client included */
    DeadLetterQueue(SqsClient client, QueueFacts queue, Duration longest) {
        this.client = client;
        this.queue = queue;
        this.longest = longest;
    }

    /** Sends one; never throws. */
    Answer send(Message<byte[]> message, Reject why) {
        try {
            client.sendMessage(request(message, why));
            return Answer.DONE;
        } catch (RuntimeException e) {
            return Answer.of(e);
        }
    }

    private SendMessageRequest request(Message<byte[]> message, Reject why) {
        byte[] body = message.body() == null ? new byte[0] : message.body();
        Map<String, MessageAttributeValue> attributes = new LinkedHashMap<>(SqsMessage.attributes(message.headers()));
        if (attributes.size() < MOST_ATTRIBUTES
                && body.length < LARGE
                && !why.reason().isEmpty()) {
            attributes.putIfAbsent(
                    REASON,
                    MessageAttributeValue.builder()
                            .dataType("String")
                            .stringValue(text(why.reason()))
                            .build());
        }
        SendMessageRequest.Builder request = SendMessageRequest.builder()
                .queueUrl(queue.url())
                .messageBody(new String(body, StandardCharsets.UTF_8))
                .messageAttributes(attributes)
                .overrideConfiguration(call -> call.apiCallTimeout(longest));
        if (queue.fifo()) {
            byte[] key = message.key();
            request.messageGroupId(key == null ? message.id() : new String(key, StandardCharsets.UTF_8))
                    .messageDeduplicationId(message.id());
        }
        return request.build();
    }

    private static String text(String reason) {
        String start = reason.substring(0, Math.min(reason.length(), LONGEST_REASON));
        return FORBIDDEN.matcher(start).replaceAll("?");
    }
}
