package io.lastcall.internal.consumer;

import io.lastcall.Decoder;
import io.lastcall.HandlingContext;
import io.lastcall.MessageHandler;
import io.lastcall.message.Message;
import io.lastcall.message.Outcome;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The user's code as the engine calls it: on the worker's thread to the end, or begun there and completed by a stage. */
public sealed interface Handling {

    /** Returns when it is done. The path without a future. */
    @FunctionalInterface
    non-sealed interface Blocking extends Handling {
        Outcome handle(Message<byte[]> raw, HandlingContext context) throws Exception;
    }

    /** Returns soon; the slot stays taken until the stage completes. */
    @FunctionalInterface
    non-sealed interface Asynchronous extends Handling {
        CompletionStage<Outcome> handle(Message<byte[]> raw, HandlingContext context) throws Exception;
    }

    /** Decodes, then handles. Without a decoder T is byte[] and the raw message goes straight through. */
    static <T> Handling blocking(@Nullable Decoder<T> decoder, MessageHandler<T> handler) {
        if (decoder == null) {
            @SuppressWarnings(
                    "unchecked") // ConsumerBuilder.of is the only place that leaves the decoder out, for byte[]
            MessageHandler<byte[]> direct = (MessageHandler<byte[]>) handler;
            return (Blocking) direct::handle;
        }
        return (Blocking) (raw, context) -> {
            T body;
            try {
                body = decoder.decode(raw);
            } catch (Exception e) {
                return Outcome.reject("cannot be decoded", e);
            }
            return handler.handle(new Decoded<>(raw, body), context);
        };
    }
}
