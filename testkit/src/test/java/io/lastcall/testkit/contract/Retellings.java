package io.lastcall.testkit.contract;

import io.lastcall.message.Header;
import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Origin;
import io.lastcall.spi.Delivery;
import io.lastcall.spi.Source;
import io.lastcall.testkit.contract.Forgeries.Bent;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Sources that change what a message carries. */
final class Retellings {

    private Retellings() {}

    /** Each message is offered as something else makes of it. */
    static <R> Source<R> retold(Source<R> good, UnaryOperator<Retold> how) {
        return new Bent<>(good, lane -> new PassingFactory.PassingLane<>(lane) {
            @Override
            public boolean offer(List<Delivery<R>> batch) {
                List<Delivery<R>> told = new ArrayList<>();
                batch.forEach(it -> told.add(new Delivery<>(how.apply(Retold.of(it.message())), it.receipt())));
                return super.offer(told);
            }
        });
    }

    /** No body is the text "null". */
    static <R> Source<R> namesNothing(Source<R> good) {
        return retold(good, it -> it.body().length == 0 ? it.body("null".getBytes(StandardCharsets.UTF_8)) : it);
    }

    /** Bodies end after 64 KiB. */
    static <R> Source<R> cutsBodies(Source<R> good) {
        return retold(good, it -> it.body(Arrays.copyOf(it.body(), Math.min(it.body().length, 65_536))));
    }

    /** Bodies go through text of a charset. */
    static <R> Source<R> readsBodiesAs(Source<R> good, Charset charset) {
        return retold(good, it -> it.body(new String(it.body(), charset).getBytes(charset)));
    }

    /** Of several headers of one name only the last arrives. */
    static <R> Source<R> keepsOneHeaderOfAName(Source<R> good) {
        return retold(good, it -> it.headers(eachOnce(it.headers())));
    }

    private static Headers eachOnce(Headers all) {
        List<Header> kept = new ArrayList<>();
        for (Header header : all) {
            kept.removeIf(it -> it.name().equals(header.name()));
            kept.add(header);
        }
        return Headers.of(kept);
    }

    /** The values of headers go through text of a charset. */
    static <R> Source<R> readsHeadersAs(Source<R> good, Charset charset) {
        return retold(good, it -> {
            List<Header> read = new ArrayList<>();
            it.headers().forEach(header -> read.add(Header.of(header.name(), reread(header.value(), charset))));
            return it.headers(Headers.of(read));
        });
    }

    private static byte[] reread(byte @Nullable [] value, Charset charset) {
        return value == null ? new byte[0] : new String(value, charset).getBytes(charset);
    }

    /** Each message is said to have been handed out so often before. */
    static <R> Source<R> countsAhead(Source<R> good, int before) {
        return retold(good, it -> new Retold(it.of(), it.body(), it.headers(), it.attempt() + before));
    }

    /** A message that is not as it was. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Retold(Message<byte[]> of, byte[] body, Headers headers, int attempt) implements Message<byte[]> {

        static Retold of(Message<byte[]> message) {
            byte[] body = message.body();
            return new Retold(message, body == null ? new byte[0] : body, message.headers(), message.attempt());
        }

        Retold body(byte[] other) {
            return new Retold(of, other, headers, attempt);
        }

        Retold headers(Headers other) {
            return new Retold(of, body, other, attempt);
        }

        @Override
        public String id() {
            return of.id();
        }

        @Override
        public Origin origin() {
            return of.origin();
        }

        @Override
        public byte @Nullable [] key() {
            return of.key();
        }

        @Override
        public Instant timestamp() {
            return of.timestamp();
        }
    }
}
