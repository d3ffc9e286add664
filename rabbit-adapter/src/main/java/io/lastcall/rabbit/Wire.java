package io.lastcall.rabbit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.Socket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket below the connection, to be cut when a close may wait no longer: whoever is blocked in a connect, a write or a call then
 * fails at once. Safe for any thread.
 */
final class Wire {

    private static final Logger log = LoggerFactory.getLogger(Wire.class);

    @GuardedBy("this")
    private @Nullable Socket socket;

    @GuardedBy("this")
    private boolean cut;

    /** Makes the factory tell of its sockets. */
    void watch(ConnectionFactory factory) {
        factory.setSocketConfigurator(factory.getSocketConfigurator().andThen(this::carry));
    }

    private synchronized void carry(Socket next) throws IOException {
        socket = next;
        if (cut) {
            next.close();
        }
    }

    /** Closes the socket, and every later one. */
    synchronized void cut() {
        cut = true;
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                log.warn("socket={} could not be closed", socket.getRemoteSocketAddress(), e);
            }
        }
    }
}
