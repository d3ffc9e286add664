package io.lastcall.testkit.broker;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;

/** What flows one way through a connection, each piece with the time at which it may arrive. For the proxy's thread only. */
final class ProxyStream {

    /** How many bytes may be under way before no more are read. */
    private static final int ROOM = 1 << 20;

    private static final int PIECE = 1 << 16;

    private enum Kind {
        BYTES,
        END,
        BREAK
    }

    private record Piece(long due, Kind kind, ByteBuffer bytes) {}

    private final SocketChannel from;
    private final SocketChannel to;
    private final Deque<Piece> underWay = new ArrayDeque<>();
    private int bytes;
    private boolean reads = true;
    private boolean writes = true;
    private boolean stuck;
    private boolean ended;
    private boolean broken;
    private boolean hole;

    ProxyStream(SocketChannel from, SocketChannel to) {
        this.from = from;
        this.to = to;
    }

    boolean wantsToRead() {
        return reads && bytes < ROOM;
    }

    /** Whether a due piece waits for the receiver to take it. */
    boolean isStuck() {
        return stuck;
    }

    /** Whether the end has arrived. */
    boolean isEnded() {
        return ended;
    }

    /** Whether a reset has arrived. */
    boolean isBroken() {
        return broken;
    }

    /** Whether something was swallowed. */
    boolean hasHole() {
        return hole;
    }

    /** Returns whether there was something to swallow. */
    boolean swallowUnderWay() {
        boolean any = !underWay.isEmpty();
        hole |= any;
        empty();
        return any;
    }

    /** Takes what the sender has sent; returns whether it was swallowed. */
    boolean read(long due, boolean swallowed) {
        ByteBuffer buffer = ByteBuffer.allocate(PIECE);
        Kind kind = Kind.BYTES;
        try {
            if (from.read(buffer) < 0) {
                kind = Kind.END;
            }
        } catch (IOException e) {
            kind = Kind.BREAK;
        }
        reads = kind == Kind.BYTES;
        buffer.flip();
        add(new Piece(due, kind, buffer), swallowed);
        return swallowed;
    }

    /** The sender is found to be gone, without having been read from. */
    void breaks(long due, boolean swallowed) {
        reads = false;
        add(new Piece(due, Kind.BREAK, ByteBuffer.allocate(0)), swallowed);
    }

    private void add(Piece piece, boolean swallowed) {
        if (swallowed) {
            hole = true;
        } else if (writes) {
            bytes += piece.bytes.remaining();
            underWay.add(piece);
        }
    }

    private void empty() {
        underWay.clear();
        bytes = 0;
        stuck = false;
    }

    /** Hands on what is due; false when the receiver is found to be gone. */
    boolean pass(long now) {
        stuck = false;
        while (!underWay.isEmpty() && underWay.element().due - now <= 0) {
            Piece piece = underWay.element();
            if (!arrives(piece)) {
                writes = false;
                empty();
                return false;
            }
            if (stuck) {
                break;
            }
            underWay.remove();
        }
        return true;
    }

    private boolean arrives(Piece piece) {
        try {
            switch (piece.kind) {
                case BYTES -> {
                    bytes -= to.write(piece.bytes);
                    stuck = piece.bytes.hasRemaining();
                }
                case END -> {
                    ended = true;
                    to.shutdownOutput();
                }
                case BREAK -> broken = true;
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    long nanosUntilDue(long now) {
        return underWay.isEmpty() || stuck ? Long.MAX_VALUE : underWay.element().due - now;
    }
}
