package io.lastcall.rabbit;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the client's errors, which keep what the server said in the reason of a cause. Stateless. */
final class Refusal {

    // What does not pass by itself: someone has to declare, permit or free something.
    private static final Set<Integer> CODES = Set.of(
            AMQP.ACCESS_REFUSED,
            AMQP.NOT_FOUND,
            AMQP.RESOURCE_LOCKED,
            AMQP.PRECONDITION_FAILED,
            AMQP.NOT_ALLOWED,
            AMQP.NOT_IMPLEMENTED);

    private Refusal() {}

    /** Whether the server was reached and said no, to the user or to the subscription. */
    static boolean is(Throwable error) {
        for (Throwable at = error; at != null; at = at.getCause()) {
            if (at instanceof PossibleAuthenticationFailureException
                    || (at instanceof ShutdownSignalException signal && CODES.contains(code(signal.getReason())))) {
                return true;
            }
        }
        return false;
    }

    /** The server's words where there are some, else the first cause that has a message. */
    static String describe(Throwable error) {
        for (Throwable at = error; at != null; at = at.getCause()) {
            if (at instanceof ShutdownSignalException signal && text(signal.getReason()) != null) {
                return code(signal.getReason()) + " " + text(signal.getReason());
            }
        }
        for (Throwable at = error; at != null; at = at.getCause()) {
            if (at.getMessage() != null) {
                return at.getClass().getSimpleName() + ": " + at.getMessage();
            }
        }
        return error.getClass().getSimpleName();
    }

    private static int code(@Nullable Method reason) {
        if (reason instanceof AMQP.Channel.Close close) {
            return close.getReplyCode();
        }
        return reason instanceof AMQP.Connection.Close close ? close.getReplyCode() : 0;
    }

    private static @Nullable String text(@Nullable Method reason) {
        if (reason instanceof AMQP.Channel.Close close) {
            return close.getReplyText();
        }
        return reason instanceof AMQP.Connection.Close close ? close.getReplyText() : null;
    }
}
