package io.lastcall.testkit.broker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP proxy on a free loopback port in front of an address, which fails on demand as networks fail: connections are reset, bytes
 * come late, bytes vanish while both ends believe in the connection. One thread does all. Safe for any thread; an order has been
 * carried out when its method returns. Needs a system with {@code SO_REUSEPORT}, as Linux and macOS have it.
 */
public final class TcpProxy implements AutoCloseable {

    /** Which way bytes flow. */
    public enum Way {
        /** From clients to what stands behind the proxy. */
        TO_TARGET,
        /** From what stands behind the proxy to its clients. */
        TO_CLIENT
    }

    private static final Logger log = LoggerFactory.getLogger(TcpProxy.class);

    private final InetSocketAddress target;
    private final Selector selector;
    /** Bound and never listening: while new connections are refused, nobody else gets the port. */
    private final Socket place;

    private final InetSocketAddress address;
    private final Thread thread;

    @GuardedBy("orders")
    private final Queue<Order> orders = new ArrayDeque<>();

    @GuardedBy("orders")
    private boolean ended;

    // The proxy's thread only, from here on.
    private final Set<ProxyLink> links = new LinkedHashSet<>();
    private final Set<Way> swallowed = EnumSet.noneOf(Way.class);
    private CompletableFuture<Void> bite = new CompletableFuture<>();
    private @Nullable ServerSocketChannel door;
    private long latencyNanos;
    private boolean closing;

    private record Order(Runnable what, CompletableFuture<Void> done) {}

    private TcpProxy(InetSocketAddress target, ThreadFactory threads) throws IOException {
        this.target = target;
        this.selector = Selector.open();
        this.place = new Socket();
        place.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        place.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        this.address = (InetSocketAddress) place.getLocalSocketAddress();
        openDoor();
        this.thread = threads.newThread(this::run);
    }

    /**
     * Opens a proxy, which passes everything at once until it is told otherwise.
     *
     * @param target where connections lead; need not be reachable yet: a connection that does not get there is reset
     * @param threads makes the one thread
     * @return the proxy; the caller closes it
     * @throws UncheckedIOException when no port can be had
     */
    public static TcpProxy before(InetSocketAddress target, ThreadFactory threads) {
        try {
            TcpProxy proxy = new TcpProxy(target, threads);
            proxy.thread.start();
            log.info("proxy opened address={} target={}", proxy.address, target);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException("no proxy in front of " + target, e);
        }
    }

    /**
     * Where clients connect; the same for the proxy's whole life.
     *
     * @return host and port
     */
    public InetSocketAddress address() {
        return address;
    }

    /** Resets all connections, on both sides, and refuses new ones, until {@link #mend}. */
    public void cut() {
        order(() -> {
            closeDoor();
            resetAll();
        });
    }

    /**
     * From now on bytes, ends and resets take so long, each way, on open connections and new ones, until {@link #mend}. What is under
     * way keeps its time and is never overtaken.
     *
     * @param eachWay zero or more; the round trip is longer by twice as much
     */
    public void delay(Duration eachWay) {
        if (eachWay.isNegative()) {
            throw new IllegalArgumentException("eachWay = " + eachWay + ", must be zero or more");
        }
        order(() -> latencyNanos = eachWay.toNanos());
    }

    /**
     * Swallows what flows these ways, while connections stay open: bytes, those under way too, and even the end of a stream or a
     * reset. New connections are accepted, and nothing comes of them. Until {@link #mend}, or another call of this method, which
     * replaces the ways.
     *
     * @param ways one or both
     * @return completes, on the proxy's thread, when the first thing has been swallowed: from then on one end believes in what the
     *     other never got; exceptionally when it was mended before
     */
    public CompletionStage<Void> swallow(Way... ways) {
        CompletableFuture<Void> first = new CompletableFuture<>();
        order(() -> {
            forgetBite();
            bite = first;
            swallowed.clear();
            swallowed.addAll(List.of(ways));
            for (ProxyLink link : links) {
                for (Way way : swallowed) {
                    bitten(link.stream(way).swallowUnderWay());
                }
            }
        });
        return first;
    }

    /**
     * Ends all faults: connections pass, at once, and new ones are let in. Connections of which something was swallowed are reset, for
     * a stream with a hole is none.
     */
    public void mend() {
        order(() -> {
            forgetBite();
            latencyNanos = 0;
            swallowed.clear();
            links.stream().filter(ProxyLink::hasHole).forEach(ProxyLink::reset);
            links.removeIf(ProxyLink::isOver);
            try {
                openDoor();
            } catch (IOException e) {
                throw new UncheckedIOException("the port " + address + " is lost", e);
            }
        });
    }

    /**
     * How many connections stand through the proxy.
     *
     * @return the number, those still on their way to the target included
     */
    public int connections() {
        CompletableFuture<Integer> found = new CompletableFuture<>();
        order(() -> found.complete(links.size()));
        return found.join();
    }

    /** Resets all connections, frees the port, and waits for the thread's end. Does nothing when it is closed already. */
    @Override
    public void close() {
        if (post(() -> closing = true) == null) {
            return;
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void order(Runnable what) {
        CompletableFuture<Void> done = post(what);
        if (done == null) {
            throw new IllegalStateException("the proxy in front of " + target + " is closed");
        }
        done.join();
    }

    private @Nullable CompletableFuture<Void> post(Runnable what) {
        Order order = new Order(what, new CompletableFuture<>());
        synchronized (orders) {
            if (ended) {
                return null;
            }
            orders.add(order);
        }
        selector.wakeup();
        return order.done;
    }

    // ---- the proxy's thread ----

    private void run() {
        try {
            while (!closing) {
                select();
                selector.selectedKeys().forEach(this::serve);
                selector.selectedKeys().clear();
                obey();
                long now = System.nanoTime();
                links.forEach(link -> link.pass(now, swallowed));
                links.removeIf(ProxyLink::isOver);
            }
        } catch (IOException | RuntimeException e) {
            log.warn("proxy address={} target={} broke", address, target, e);
        } finally {
            end();
        }
    }

    private void select() throws IOException {
        long now = System.nanoTime();
        long wait = Long.MAX_VALUE;
        for (ProxyLink link : links) {
            wait = Math.min(wait, link.nanosUntilDue(now));
        }
        if (wait == Long.MAX_VALUE) {
            selector.select();
        } else if (wait <= 0) {
            selector.selectNow();
        } else {
            selector.select(wait / 1_000_000 + 1);
        }
    }

    private void serve(SelectionKey key) {
        try {
            if (!key.isValid()) {
                return;
            }
            if (key.attachment() instanceof ProxyLink link) {
                bitten(link.serve(key, System.nanoTime() + latencyNanos, swallowed));
            } else if (key.channel() instanceof ServerSocketChannel open) {
                for (SocketChannel client = open.accept(); client != null; client = open.accept()) {
                    links.add(ProxyLink.open(client, target, selector));
                }
            }
        } catch (IOException e) {
            log.warn("proxy address={} target={} could not accept", address, target, e);
        }
    }

    private void bitten(boolean swallowedSomething) {
        if (swallowedSomething) {
            bite.complete(null);
        }
    }

    private void forgetBite() {
        bite.completeExceptionally(new IllegalStateException("nothing was swallowed"));
    }

    private void obey() {
        Queue<Order> taken;
        synchronized (orders) {
            taken = new ArrayDeque<>(orders);
            orders.clear();
        }
        for (Order order : taken) {
            try {
                order.what.run();
                // A channel that is registered is closed for good, and its peer told, by the next selection only.
                selector.selectNow();
                order.done.complete(null);
            } catch (IOException | RuntimeException e) {
                order.done.completeExceptionally(e);
            }
        }
    }

    private void openDoor() throws IOException {
        if (door != null) {
            return;
        }
        ServerSocketChannel opened = ServerSocketChannel.open();
        opened.setOption(StandardSocketOptions.SO_REUSEPORT, true);
        opened.bind(address);
        opened.configureBlocking(false);
        opened.register(selector, SelectionKey.OP_ACCEPT);
        door = opened;
    }

    private void closeDoor() {
        ServerSocketChannel open = door;
        door = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new UncheckedIOException("the port " + address + " does not close", e);
            }
        }
    }

    private void resetAll() {
        links.forEach(ProxyLink::reset);
        links.clear();
    }

    private void end() {
        Queue<Order> late;
        synchronized (orders) {
            ended = true;
            late = new ArrayDeque<>(orders);
        }
        late.forEach(order -> order.done.completeExceptionally(new IllegalStateException("the proxy is closed")));
        forgetBite();
        try {
            resetAll();
            closeDoor();
            place.close();
            selector.selectNow();
            selector.close();
        } catch (IOException | RuntimeException e) {
            log.warn("proxy address={} target={} did not close in order", address, target, e);
        }
    }
}
