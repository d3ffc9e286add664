package io.lastcall.testkit.broker;

import io.lastcall.testkit.broker.TcpProxy.Way;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Set;

/** One connection through a proxy: a client's socket, one to the target, and the bytes between. For the proxy's thread only. */
final class ProxyLink {

    private final SelectionKey client;
    private final SelectionKey target;
    private final ProxyStream toTarget;
    private final ProxyStream toClient;
    private boolean over;

    private ProxyLink(SelectionKey client, SelectionKey target) {
        this.client = client;
        this.target = target;
        this.toTarget = new ProxyStream(socket(client), socket(target));
        this.toClient = new ProxyStream(socket(target), socket(client));
    }

    static ProxyLink open(SocketChannel client, InetSocketAddress target, Selector selector) throws IOException {
        SocketChannel onward = SocketChannel.open();
        for (SocketChannel socket : List.of(client, onward)) {
            socket.configureBlocking(false);
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        ProxyLink link = new ProxyLink(client.register(selector, 0), onward.register(selector, 0));
        link.client.attach(link);
        link.target.attach(link);
        try {
            onward.connect(target);
        } catch (IOException e) {
            link.reset();
        }
        link.listen();
        return link;
    }

    private static SocketChannel socket(SelectionKey key) {
        return (SocketChannel) key.channel();
    }

    ProxyStream stream(Way way) {
        return way == Way.TO_TARGET ? toTarget : toClient;
    }

    boolean hasHole() {
        return toTarget.hasHole() || toClient.hasHole();
    }

    boolean isOver() {
        return over;
    }

    /** Takes what has come in by one of the sockets; returns whether something was swallowed. */
    boolean serve(SelectionKey key, long due, Set<Way> swallowed) {
        boolean bitten = false;
        try {
            if (over || (key.isConnectable() && !socket(target).finishConnect())) {
                return false;
            }
            if (key.isReadable()) {
                Way way = key.equals(client) ? Way.TO_TARGET : Way.TO_CLIENT;
                bitten = stream(way).read(due, swallowed.contains(way));
            }
            listen();
        } catch (IOException e) {
            reset();
        }
        return bitten;
    }

    /** Passes on what is due. */
    void pass(long now, Set<Way> swallowed) {
        if (over) {
            return;
        }
        if (!toTarget.pass(now)) {
            toClient.breaks(now, swallowed.contains(Way.TO_CLIENT));
        }
        if (!toClient.pass(now)) {
            toTarget.breaks(now, swallowed.contains(Way.TO_TARGET));
        }
        if (toTarget.isBroken() || toClient.isBroken()) {
            reset();
        } else if (toTarget.isEnded() && toClient.isEnded()) {
            shut();
        } else {
            listen();
        }
    }

    /** How long until something is due, zero or less when something is; the greatest number when nothing is under way. */
    long nanosUntilDue(long now) {
        return over ? Long.MAX_VALUE : Math.min(toTarget.nanosUntilDue(now), toClient.nanosUntilDue(now));
    }

    /** Ends it as a broken connection ends: both peers get a reset. */
    void reset() {
        try {
            socket(client).setOption(StandardSocketOptions.SO_LINGER, 0);
            socket(target).setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException e) {
            // A socket that is closed cannot be told; it is closed.
        }
        shut();
    }

    private void shut() {
        over = true;
        try {
            socket(client).close();
            socket(target).close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void listen() {
        if (over) {
            return;
        }
        if (!socket(target).isConnected()) {
            target.interestOps(SelectionKey.OP_CONNECT);
            return;
        }
        client.interestOps(interest(toTarget, toClient));
        target.interestOps(interest(toClient, toTarget));
    }

    private static int interest(ProxyStream from, ProxyStream to) {
        return (from.wantsToRead() ? SelectionKey.OP_READ : 0) | (to.isStuck() ? SelectionKey.OP_WRITE : 0);
    }
}
