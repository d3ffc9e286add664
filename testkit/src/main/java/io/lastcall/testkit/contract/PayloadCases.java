package io.lastcall.testkit.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lastcall.DrainMode;
import io.lastcall.DrainReport;
import io.lastcall.MessageHandler;
import io.lastcall.message.Header;
import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Cases about what a message carries. Stateless. */
final class PayloadCases {

    private PayloadCases() {}

    /** What arrived of one message. */
    @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
    private record Arrived(byte @Nullable [] body, Headers headers) {

        static Arrived of(Message<byte[]> message) {
            return new Arrived(message.body(), message.headers());
        }
    }

    static void empty(BrokerFixture fixture) throws Exception {
        Arrived arrived = sent(fixture, Rule.EMPTY_BODY, new byte[0], Headers.empty());
        assertThat(arrived.body == null || arrived.body.length == 0).isTrue();
    }

    static void large(BrokerFixture fixture) throws Exception {
        byte[] body = new byte[fixture.largestBody()];
        Arrays.fill(body, (byte) 'a');
        body[body.length - 1] = 'z';
        Arrived arrived = sent(fixture, Rule.LARGE_BODY, body, Headers.empty());
        assertThat(Arrays.equals(arrived.body, body)).isTrue();
    }

    static void binary(BrokerFixture fixture) throws Exception {
        byte[] body = new byte[4_096];
        new Random(1).nextBytes(body);
        Arrived arrived = sent(fixture, Rule.BINARY_BODY, body, Headers.empty());
        assertThat(arrived.body).isEqualTo(body);
    }

    static void headers(BrokerFixture fixture) throws Exception {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        Headers headers = Headers.of(Header.of("text", "gr\u00fc\u00dfe"), Header.of("bytes", bytes));
        if (fixture.repeatsHeaders()) {
            headers = headers.with(Header.of("again", "1")).with(Header.of("again", "2"));
        }
        Arrived arrived = sent(fixture, Rule.HEADERS, "body".getBytes(UTF_8), headers);
        assertThat(arrived.headers.text("text")).contains("gr\u00fc\u00dfe");
        assertThat(arrived.headers.last("bytes").orElseThrow().value()).isEqualTo(bytes);
        if (fixture.repeatsHeaders()) {
            assertThat(arrived.headers.all("again").stream().map(Header::text)).containsExactly("1", "2");
        }
    }

    static void unicode(BrokerFixture fixture) throws Exception {
        String text = "gr\u00fc\u00dfe \u4f60\u597d \ud83d\ude80 \u05e9\u05dc\u05d5\u05dd";
        Arrived arrived = sent(fixture, Rule.UNICODE, text.getBytes(UTF_8), Headers.empty());
        assertThat(arrived.body).isEqualTo(text.getBytes(UTF_8));
    }

    private static Arrived sent(BrokerFixture fixture, Rule rule, byte[] body, Headers headers) throws Exception {
        try (Trial trial = new Trial(fixture, rule)) {
            CompletableFuture<Arrived> arrived = new CompletableFuture<>();
            MessageHandler<byte[]> handler = (message, context) -> {
                arrived.complete(Arrived.of(message));
                return Outcome.accept();
            };
            trial.publishBytes("k", body, headers);
            var watched = trial.consumer(it -> it, ledger -> handler).start();
            assertThat(arrived).as("%s", watched.ledger()).succeedsWithin(trial.patience);
            DrainReport report = trial.drain(watched, DrainMode.FINISH_UNTIL_DEADLINE, trial.ample);
            assertThat(report.counts().accepted()).as("%s", report.describe()).isEqualTo(1);
            assertThat(report.clean()).as("%s", report.describe()).isTrue();
            trial.nothingIsLost();
            return arrived.join();
        }
    }
}
