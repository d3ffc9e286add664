package io.lastcall.memory;

import java.time.Duration;

/** There was no room in a {@link MemoryQueue} in time; nothing was published. */
public final class QueueFullException extends RuntimeException {

    private static final long serialVersionUID = 1;

    QueueFullException(MemorySettings settings, Duration waited) {
        super("capacity = " + settings.capacity() + " of memory queue " + settings.name() + " was taken up for "
                + waited + ": raise it, wait longer, or consume faster");
    }
}
