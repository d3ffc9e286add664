package io.lastcall.testkit.simulation;

/** An error that is part of the play: without a stack, which would cost more than a schedule. */
final class Quiet extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Quiet(String message) {
        super(message, null, false, false);
    }
}
