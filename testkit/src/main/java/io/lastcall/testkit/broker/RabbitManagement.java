package io.lastcall.testkit.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The few questions that only RabbitMQ's management plug-in answers. Safe for any thread. */
final class RabbitManagement {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String base;
    private final String authorization;

    RabbitManagement(URI address) {
        this.base = address.getScheme() + "://" + address.getHost() + ":" + address.getPort() + "/api";
        this.authorization = "Basic "
                + Base64.getEncoder()
                        .encodeToString(String.valueOf(address.getUserInfo()).getBytes(UTF_8));
    }

    int unacknowledged(String queue) {
        // Totals without statistics come from the queues themselves and are not as old as the last collection.
        String all = send(
                "GET", "/queues?disable_stats=true&enable_queue_totals=true" + "&columns=name,messages_unacknowledged");
        for (String one : all.split("\\}", -1)) {
            if (one.contains("\"name\":\"" + queue + "\"")) {
                Matcher number =
                        Pattern.compile("\"messages_unacknowledged\":(\\d+)").matcher(one);
                if (number.find()) {
                    return Integer.parseInt(number.group(1));
                }
            }
        }
        throw new IllegalStateException("the management plug-in does not know the queue " + queue + ": " + all);
    }

    int closeConnections(String clientName) {
        String all = send("GET", "/connections?columns=name,client_properties.connection_name");
        int closed = 0;
        for (String one : all.split("(?<=\\}),(?=\\{)", -1)) {
            Matcher name = Pattern.compile("\"name\":\"([^\"]+)\"").matcher(one);
            if (one.contains("\"connection_name\":\"" + clientName + "\"") && name.find()) {
                send(
                        "DELETE",
                        "/connections/"
                                + URLEncoder.encode(name.group(1), UTF_8).replace("+", "%20"));
                closed++;
            }
        }
        return closed;
    }

    private String send(String method, String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(PATIENCE)
                .header("Authorization", authorization)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        try {
            HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString(UTF_8));
            if (answer.statusCode() / 100 != 2) {
                throw new IllegalStateException(
                        method + " " + base + path + ": " + answer.statusCode() + " " + answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the management plug-in", e);
        }
    }
}
