package io.lastcall.rabbit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.impl.LongStringHelper;
import com.rabbitmq.client.impl.ValueReader;
import com.rabbitmq.client.impl.ValueWriter;
import io.lastcall.message.Header;
import io.lastcall.message.Headers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * AMQP's properties and typed header table as headers, and back without loss: properties first, with the kind {@value #PROPERTY}, then
 * the table. Numbers, booleans and times are text, and their kind is the AMQP type; tables and arrays are AMQP's own bytes. Stateless,
 * safe for any thread.
 */
public final class AmqpHeaders {

    /** The kind of what is a property of the message and not in its header table, such as {@code content-type}. */
    public static final String PROPERTY = "property";

    private static final String VOID = "void";
    private static final String NESTED = "";

    private AmqpHeaders() {}

    /**
     * All headers of a message.
     *
     * @param properties as they were received
     * @return the headers
     */
    public static Headers of(AMQP.BasicProperties properties) {
        List<Header> all = new ArrayList<>();
        property(all, "content-type", properties.getContentType());
        property(all, "content-encoding", properties.getContentEncoding());
        property(all, "delivery-mode", properties.getDeliveryMode());
        property(all, "priority", properties.getPriority());
        property(all, "correlation-id", properties.getCorrelationId());
        property(all, "reply-to", properties.getReplyTo());
        property(all, "expiration", properties.getExpiration());
        property(all, "message-id", properties.getMessageId());
        property(
                all,
                "timestamp",
                properties.getTimestamp() == null
                        ? null
                        : properties.getTimestamp().toInstant());
        property(all, "type", properties.getType());
        property(all, "user-id", properties.getUserId());
        property(all, "app-id", properties.getAppId());
        property(all, "cluster-id", properties.getClusterId());
        if (properties.getHeaders() != null) {
            properties.getHeaders().forEach((name, value) -> all.add(header(name, value)));
        }
        return Headers.of(all);
    }

    /**
     * The properties that these headers came from. Headers of another broker become strings or bytes; of several with the same name
     * the last is taken, since AMQP's table holds each name once.
     *
     * @param headers any headers
     * @return properties to publish with
     * @throws IllegalArgumentException when a header of an AMQP kind does not hold such a value
     */
    public static AMQP.BasicProperties properties(Headers headers) {
        AMQP.BasicProperties.Builder builder = new AMQP.BasicProperties.Builder();
        Map<String, @Nullable Object> table = new LinkedHashMap<>();
        for (Header header : headers) {
            try {
                if (!header.kind().equals(PROPERTY)) {
                    table.put(header.name(), value(header));
                } else if (header.text() != null) {
                    set(builder, header.name(), header.text());
                }
            } catch (RuntimeException e) {
                throw new IllegalArgumentException("header " + header + " holds \"" + header.text() + "\"", e);
            }
        }
        return table.isEmpty() ? builder.build() : builder.headers(table).build();
    }

    private static void property(List<Header> all, String name, @Nullable Object value) {
        if (value != null) {
            all.add(new Header(name, value.toString().getBytes(UTF_8), PROPERTY));
        }
    }

    private static void set(AMQP.BasicProperties.Builder builder, String name, String text) {
        switch (name) {
            case "content-type" -> builder.contentType(text);
            case "content-encoding" -> builder.contentEncoding(text);
            case "delivery-mode" -> builder.deliveryMode(Integer.valueOf(text));
            case "priority" -> builder.priority(Integer.valueOf(text));
            case "correlation-id" -> builder.correlationId(text);
            case "reply-to" -> builder.replyTo(text);
            case "expiration" -> builder.expiration(text);
            case "message-id" -> builder.messageId(text);
            case "timestamp" -> builder.timestamp(Date.from(Instant.parse(text)));
            case "type" -> builder.type(text);
            case "user-id" -> builder.userId(text);
            case "app-id" -> builder.appId(text);
            case "cluster-id" -> builder.clusterId(text);
            default -> throw new IllegalArgumentException("AMQP has no property " + name);
        }
    }

    @SuppressWarnings("NullAway") // javac leaves the annotation of an array out of a record's compact constructor
    private static Header header(String name, @Nullable Object value) {
        if (value == null) {
            return new Header(name, null, VOID);
        } else if (value instanceof LongString text) {
            return new Header(name, text.getBytes(), Header.TEXT);
        } else if (value instanceof byte[] bytes) {
            return Header.of(name, bytes);
        } else if (value instanceof Date time) {
            return text(name, time.toInstant(), "timestamp");
        }
        String kind = kind(value);
        return kind == null ? new Header(name, nested(value), nestedKind(value)) : text(name, value, kind);
    }

    private static Header text(String name, Object value, String kind) {
        return new Header(name, value.toString().getBytes(UTF_8), kind);
    }

    private static @Nullable String kind(Object value) {
        if (value instanceof String) {
            return Header.TEXT;
        } else if (value instanceof Integer) {
            return "int";
        } else if (value instanceof Long) {
            return "long";
        } else if (value instanceof Short) {
            return "short";
        } else if (value instanceof Byte) {
            return "byte";
        } else if (value instanceof Boolean) {
            return "boolean";
        } else if (value instanceof Double) {
            return "double";
        } else if (value instanceof Float) {
            return "float";
        }
        return value instanceof BigDecimal ? "decimal" : null;
    }

    private static String nestedKind(Object value) {
        return value instanceof Map ? "table" : "array";
    }

    private static @Nullable Object value(Header header) {
        byte[] bytes = header.value();
        String text = header.text();
        if (bytes == null || text == null) {
            return null;
        }
        return switch (header.kind()) {
            case Header.BYTES -> bytes;
            case "int" -> Integer.valueOf(text);
            case "long" -> Long.valueOf(text);
            case "short" -> Short.valueOf(text);
            case "byte" -> Byte.valueOf(text);
            case "boolean" -> Boolean.valueOf(text);
            case "double" -> Double.valueOf(text);
            case "float" -> Float.valueOf(text);
            case "decimal" -> new BigDecimal(text);
            case "timestamp" -> Date.from(Instant.parse(text));
            case "table", "array" -> unnested(bytes);
            default -> LongStringHelper.asLongString(bytes);
        };
    }

    // A table of one entry: the client reads and writes nested values only inside of one.
    private static byte[] nested(Object value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ValueWriter writer = new ValueWriter(new DataOutputStream(bytes));
            writer.writeTable(Collections.singletonMap(NESTED, value));
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static @Nullable Object unnested(byte[] bytes) {
        try {
            return new ValueReader(new DataInputStream(new ByteArrayInputStream(bytes)))
                    .readTable()
                    .get(NESTED);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
