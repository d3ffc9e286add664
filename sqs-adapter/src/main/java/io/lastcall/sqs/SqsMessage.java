package io.lastcall.sqs;

import io.lastcall.message.Header;
import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Origin;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.sqs.model.MessageAttributeValue;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * A message as it came from SQS. The body is the text in UTF-8; headers are the message attributes, their kind is the SQS data
 * type ({@code String}, {@code Number}, {@code Binary}, each with a suffix where the sender gave one). Immutable, safe for any
 * thread.
 */
final class SqsMessage implements Message<byte[]> {

    /** What each receive asks for, since it is read here. */
    static final List<MessageSystemAttributeName> ASKED_FOR = List.of(
            MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT,
            MessageSystemAttributeName.SENT_TIMESTAMP,
            MessageSystemAttributeName.MESSAGE_GROUP_ID,
            MessageSystemAttributeName.SEQUENCE_NUMBER);

    private final String queue;
    private final software.amazon.awssdk.services.sqs.model.Message raw;
    private final byte[] body;

    SqsMessage(String queue, software.amazon.awssdk.services.sqs.model.Message raw) {
        this.queue = queue;
        this.raw = raw;
        this.body = raw.body().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String id() {
        return raw.messageId();
    }

    @Override
    public Origin origin() {
        String number = system(MessageSystemAttributeName.SEQUENCE_NUMBER);
        return new Origin("sqs", queue, queue, number == null ? raw.messageId() : number);
    }

    @Override
    public byte @Nullable [] key() {
        String group = system(MessageSystemAttributeName.MESSAGE_GROUP_ID);
        return group == null ? null : group.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] body() {
        return body;
    }

    @Override
    public Headers headers() {
        List<Header> all = new ArrayList<>();
        raw.messageAttributes().forEach((name, value) -> all.add(header(name, value)));
        return Headers.of(all);
    }

    @Override
    public Instant timestamp() {
        String sent = system(MessageSystemAttributeName.SENT_TIMESTAMP);
        return sent == null ? Instant.EPOCH : Instant.ofEpochMilli(Long.parseLong(sent));
    }

    @Override
    public int attempt() {
        String receives = system(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT);
        return receives == null ? 1 : Integer.parseInt(receives);
    }

    @Override
    public String toString() {
        return origin().toString();
    }

    /** Headers as message attributes; the inverse of {@link #headers()}. */
    static Map<String, MessageAttributeValue> attributes(Headers headers) {
        Map<String, MessageAttributeValue> all = new LinkedHashMap<>();
        for (Header header : headers) {
            byte[] value = header.value() == null ? new byte[0] : header.value();
            MessageAttributeValue.Builder attribute =
                    MessageAttributeValue.builder().dataType(header.kind());
            all.put(
                    header.name(),
                    isBinary(header.kind())
                            ? attribute
                                    .binaryValue(SdkBytes.fromByteArray(value))
                                    .build()
                            : attribute
                                    .stringValue(new String(value, StandardCharsets.UTF_8))
                                    .build());
        }
        return all;
    }

    private static Header header(String name, MessageAttributeValue value) {
        byte[] bytes = isBinary(value.dataType())
                ? value.binaryValue().asByteArray()
                : value.stringValue().getBytes(StandardCharsets.UTF_8);
        return new Header(name, bytes, value.dataType());
    }

    private static boolean isBinary(String kind) {
        return kind.startsWith("Binary");
    }

    private @Nullable String system(MessageSystemAttributeName name) {
        return raw.attributes().get(name);
    }
}
