package io.lastcall.benchmarks.broker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The body of a message that was made for a bench: its places in the orders that may be asked for, and padding. Stateless. */
final class MadeBody {

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private MadeBody() {}

    /** What must come in order, as a strand and a place in it. */
    enum Strand {
        /** Each message by itself: only repeats and losses are seen. */
        MESSAGE(0),
        /** Each key. */
        KEY(8),
        /** Each partition. */
        LANE(16);

        private final int at;

        Strand(int at) {
            this.at = at;
        }

        int number(byte[] body) {
            return (int) INT.get(body, at);
        }

        int place(byte[] body) {
            return (int) INT.get(body, at + 4);
        }
    }

    static byte[] make(int length, int id, int key, int placeInKey, int lane, int placeInLane, long sentNanos) {
        byte[] body = new byte[length];
        INT.set(body, 0, id);
        INT.set(body, 8, key);
        INT.set(body, 12, placeInKey);
        INT.set(body, 16, lane);
        INT.set(body, 20, placeInLane);
        LONG.set(body, 24, sentNanos);
        return body;
    }

    /** When it was sent, by the monotonic clock of who made it. */
    static long sentNanos(byte[] body) {
        return (long) LONG.get(body, 24);
    }
}
