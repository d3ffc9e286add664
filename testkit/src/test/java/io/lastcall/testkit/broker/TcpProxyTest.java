package io.lastcall.testkit.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lastcall.testkit.LiveThreads;
import io.lastcall.testkit.broker.TcpProxy.Way;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real sockets on both sides. */
class TcpProxyTest {

    private static final int PATIENCE_MILLIS = 30_000;

    private ServerSocket server;
    private TcpProxy proxy;

    @BeforeEach
    void open() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        proxy = TcpProxy.before(
                (InetSocketAddress) server.getLocalSocketAddress(), task -> new Thread(task, "proxy-test"));
    }

    @AfterEach
    void close() throws IOException {
        proxy.close();
        server.close();
    }

    /** The two ends of one connection through the proxy. */
    private record Ends(Socket client, Socket served) implements AutoCloseable {

        @Override
        public void close() throws IOException {
            client.close();
            served.close();
        }
    }

    private Ends connect() throws IOException {
        Socket client = dial();
        server.setSoTimeout(PATIENCE_MILLIS);
        Socket served = server.accept();
        served.setSoTimeout(PATIENCE_MILLIS);
        return new Ends(client, served);
    }

    private Socket dial() throws IOException {
        Socket client = new Socket(proxy.address().getAddress(), proxy.address().getPort());
        client.setSoTimeout(PATIENCE_MILLIS);
        return client;
    }

    private static void send(Socket from, String text) throws IOException {
        from.getOutputStream().write(text.getBytes(UTF_8));
    }

    private static String receive(Socket at, int length) throws IOException {
        return new String(at.getInputStream().readNBytes(length), UTF_8);
    }

    @Test
    void bytes_and_ends_pass_both_ways() throws Exception {
        try (Ends ends = connect()) {
            byte[] much = new byte[3_000_000];
            new Random(1).nextBytes(much);
            CompletableFuture<byte[]> echoed = CompletableFuture.supplyAsync(() -> {
                try {
                    byte[] all = ends.served.getInputStream().readAllBytes();
                    ends.served.getOutputStream().write(all);
                    ends.served.shutdownOutput();
                    return all;
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            ends.client.getOutputStream().write(much);
            ends.client.shutdownOutput();
            assertThat(Arrays.equals(ends.client.getInputStream().readAllBytes(), much))
                    .isTrue();
            assertThat(Arrays.equals(echoed.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS), much))
                    .isTrue();
        }
    }

    @Test
    void a_reset_passes() throws Exception {
        try (Ends ends = connect()) {
            ends.served.setSoLinger(true, 0);
            ends.served.close();
            assertThatThrownBy(() -> ends.client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void a_cut_resets_both_ends_and_refuses_new_connections_until_it_is_mended() throws Exception {
        try (Ends ends = connect()) {
            proxy.cut();
            assertThatThrownBy(() -> ends.client.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> ends.served.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThatThrownBy(this::dial).isInstanceOf(ConnectException.class);
            assertThat(proxy.connections()).isZero();
        }
        proxy.mend();
        try (Ends ends = connect()) {
            send(ends.client, "again");
            assertThat(receive(ends.served, 5)).isEqualTo("again");
        }
    }

    @Test
    void a_port_that_is_cut_off_goes_to_nobody_else() {
        proxy.cut();
        assertThatThrownBy(() -> new ServerSocket(
                                proxy.address().getPort(), 1, proxy.address().getAddress())
                        .close())
                .isInstanceOf(IOException.class);
    }

    @Test
    void a_delay_is_kept_each_way_and_changes_no_order() throws Exception {
        Duration eachWay = Duration.ofMillis(60);
        try (Ends ends = connect()) {
            proxy.delay(eachWay);
            long begun = System.nanoTime();
            send(ends.client, "slow");
            assertThat(receive(ends.served, 4)).isEqualTo("slow");
            send(ends.served, "back");
            assertThat(receive(ends.client, 4)).isEqualTo("back");
            assertThat(System.nanoTime() - begun)
                    .isGreaterThanOrEqualTo(eachWay.multipliedBy(2).toNanos());

            proxy.delay(Duration.ofMillis(200));
            send(ends.client, "1");
            proxy.mend();
            send(ends.client, "2");
            ends.client.shutdownOutput();
            assertThat(receive(ends.served, 10)).isEqualTo("12");
        }
    }

    @Test
    void what_is_swallowed_one_way_does_not_disturb_the_other() throws Exception {
        try (Ends ends = connect()) {
            var bitten = proxy.swallow(Way.TO_TARGET).toCompletableFuture();
            send(ends.served, "heard");
            assertThat(receive(ends.client, 5)).isEqualTo("heard");
            assertThat(bitten).isNotDone();
            send(ends.client, "lost");
            bitten.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            send(ends.served, "still");
            assertThat(receive(ends.client, 5)).isEqualTo("still");
            assertThat(ends.served.getInputStream().available()).isZero();
        }
    }

    @Test
    void a_connection_outlives_its_client_while_its_end_is_swallowed_and_is_reset_when_mended() throws Exception {
        try (Ends ends = connect()) {
            var bitten = proxy.swallow(Way.TO_TARGET).toCompletableFuture();
            ends.client.close();
            bitten.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            assertThat(proxy.connections()).isEqualTo(1);
            proxy.mend();
            assertThatThrownBy(() -> ends.served.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThat(proxy.connections()).isZero();
        }
    }

    @Test
    void what_was_under_way_is_swallowed_too() throws Exception {
        try (Ends ends = connect()) {
            proxy.delay(Duration.ofDays(1));
            send(ends.client, "late");
            var bitten = proxy.swallow(Way.TO_TARGET, Way.TO_CLIENT).toCompletableFuture();
            bitten.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            proxy.mend();
            assertThatThrownBy(() -> ends.served.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void a_connection_of_which_nothing_was_swallowed_lives_on() throws Exception {
        try (Ends ends = connect()) {
            var bitten = proxy.swallow(Way.TO_TARGET, Way.TO_CLIENT).toCompletableFuture();
            proxy.mend();
            assertThat(bitten).isCompletedExceptionally();
            send(ends.client, "lives");
            assertThat(receive(ends.served, 5)).isEqualTo("lives");
        }
    }

    @Test
    void a_new_connection_hears_nothing_while_all_is_swallowed() throws Exception {
        var bitten = proxy.swallow(Way.TO_TARGET, Way.TO_CLIENT).toCompletableFuture();
        try (Ends ends = connect()) {
            send(ends.client, "hello?");
            bitten.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            assertThat(ends.served.getInputStream().available()).isZero();
        }
    }

    @Test
    void a_connection_that_does_not_get_to_the_target_is_reset() throws Exception {
        server.close();
        try (Socket client = dial()) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void close_resets_frees_the_port_and_ends_the_thread() throws Exception {
        try (Ends ends = connect()) {
            proxy.close();
            proxy.close();
            assertThatThrownBy(() -> ends.client.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThatThrownBy(this::dial).isInstanceOf(ConnectException.class);
            assertThatThrownBy(proxy::mend).isInstanceOf(IllegalStateException.class);
            assertThat(LiveThreads.named("proxy-test"::equals)).isEmpty();
        }
        new ServerSocket(proxy.address().getPort(), 1, proxy.address().getAddress()).close();
    }

    @Test
    void a_negative_delay_is_refused() {
        assertThatThrownBy(() -> proxy.delay(Duration.ofMillis(-1))).hasMessageContaining("eachWay = PT-0.001S");
    }
}
