package io.lastcall.internal.consumer;

import io.lastcall.message.Headers;
import io.lastcall.message.Message;
import io.lastcall.message.Origin;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A raw message seen with its decoded body. */
record Decoded<T>(Message<byte[]> raw, @Nullable T body) implements Message<T> {

    @Override
    public String id() {
        return raw.id();
    }

    @Override
    public Origin origin() {
        return raw.origin();
    }

    @Override
    public byte @Nullable [] key() {
        return raw.key();
    }

    @Override
    public Headers headers() {
        return raw.headers();
    }

    @Override
    public Instant timestamp() {
        return raw.timestamp();
    }

    @Override
    public int attempt() {
        return raw.attempt();
    }
}
