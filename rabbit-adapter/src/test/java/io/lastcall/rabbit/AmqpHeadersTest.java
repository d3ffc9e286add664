package io.lastcall.rabbit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.LongString;
import io.lastcall.message.Header;
import io.lastcall.message.Headers;
import io.lastcall.testkit.broker.RabbitBroker;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AmqpHeadersTest {

    private static final Date NOON = Date.from(Instant.parse("2026-11-24T12:00:00Z"));

    @Test
    void all_types_and_properties_survive_the_way_through_a_broker_and_back() {
        RabbitBroker broker = RabbitBroker.shared();
        String queue = broker.classicQueue(broker.newName("headers"));
        Map<String, @Nullable Object> table = new HashMap<>();
        table.put("text", "grüße");
        table.put("bytes", new byte[] {0, -1, 2});
        table.put("int", 42);
        table.put("long", 1L << 40);
        table.put("short", (short) -3);
        table.put("byte", (byte) 7);
        table.put("boolean", true);
        table.put("double", 0.1);
        table.put("float", 1.5f);
        table.put("decimal", new BigDecimal("12.340"));
        table.put("time", NOON);
        table.put("nothing", null);
        table.put("array", List.of("a", 1, List.of(2L)));
        table.put("table", Map.of("deep", Map.of("n", 1), "when", NOON));
        table.put("type", "not the property");
        AMQP.BasicProperties sent = new AMQP.BasicProperties.Builder()
                .contentType("application/json")
                .contentEncoding("gzip")
                .deliveryMode(2)
                .priority(3)
                .correlationId("c")
                .replyTo("r")
                .expiration("60000")
                .messageId("m")
                .timestamp(NOON)
                .type("order")
                .appId("a")
                .headers(table)
                .build();
        broker.publish("", queue, sent, new byte[0]);
        GetResponse first = broker.take(queue).get(0);

        Headers headers = AmqpHeaders.of(first.getProps());
        broker.publish("", queue, AmqpHeaders.properties(headers), new byte[0]);
        GetResponse second = broker.take(queue).get(0);

        assertThat(AmqpHeaders.of(second.getProps())).isEqualTo(headers);
        assertThat(comparable(second.getProps().getHeaders()))
                .isEqualTo(comparable(first.getProps().getHeaders()));
        assertThat(second.getProps().toString().replaceAll("headers=\\{.*\\}, ", ""))
                .isEqualTo(first.getProps().toString().replaceAll("headers=\\{.*\\}, ", ""));
        broker.delete(queue);
    }

    @Test
    void values_are_read_as_text_and_kinds_tell_the_type() {
        Headers headers = AmqpHeaders.of(new AMQP.BasicProperties.Builder()
                .type("order")
                .headers(Map.of("tries", 3, "at", NOON))
                .build());
        assertThat(headers.text("tries")).hasValue("3");
        assertThat(headers.text("at")).hasValue("2026-11-24T12:00:00Z");
        assertThat(headers.text("type")).hasValue("order");
        assertThat(headers.last("tries").map(Header::kind)).hasValue("int");
        assertThat(headers.last("at").map(Header::kind)).hasValue("timestamp");
        assertThat(headers.last("type").map(Header::kind)).hasValue(AmqpHeaders.PROPERTY);
    }

    @Test
    void headers_of_other_brokers_become_strings_and_bytes() {
        AMQP.BasicProperties properties = AmqpHeaders.properties(Headers.of(
                Header.of("a", "first"),
                Header.of("a", "second"),
                Header.of("b", new byte[] {1}),
                new Header("c", "12".getBytes(UTF_8), "Number")));
        assertThat(properties.getHeaders().get("a")).hasToString("second");
        assertThat(properties.getHeaders().get("b")).isEqualTo(new byte[] {1});
        assertThat(properties.getHeaders().get("c")).hasToString("12");
    }

    @Test
    void a_value_that_is_not_of_its_kind_is_named() {
        Headers broken = Headers.of(new Header("tries", "many".getBytes(UTF_8), "int"));
        assertThatThrownBy(() -> AmqpHeaders.properties(broken))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tries")
                .hasMessageContaining("many");
    }

    // Arrays compare by content here, and strings of the wire as strings.
    private static Object comparable(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> all = new HashMap<>();
            map.forEach((name, one) -> all.put(name, comparable(one)));
            return all;
        } else if (value instanceof List<?> list) {
            return list.stream().map(AmqpHeadersTest::comparable).toList();
        } else if (value instanceof byte[] bytes) {
            return new Header("", bytes, "bytes");
        } else if (value instanceof LongString text) {
            return "string " + text;
        }
        return value == null ? "null" : value.getClass().getSimpleName() + " " + value;
    }
}
