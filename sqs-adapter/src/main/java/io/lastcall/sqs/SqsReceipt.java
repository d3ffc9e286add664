package io.lastcall.sqs;

import java.util.Objects;

/**
 * By what SQS recognises one receive of a message. Immutable.
 *
 * @param handle the receipt handle; each receive of the same message has another
 */
public record SqsReceipt(String handle) {
    /** Checks that the handle is there. */
    public SqsReceipt {
        Objects.requireNonNull(handle, "handle");
    }
}
