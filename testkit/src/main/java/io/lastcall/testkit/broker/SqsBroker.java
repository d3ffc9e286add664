package io.lastcall.testkit.broker;

import io.lastcall.testkit.broker.BrokerProcess.Command;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.waiters.Waiter;
import software.amazon.awssdk.core.waiters.WaiterAcceptor;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.SqsClientBuilder;
import software.amazon.awssdk.services.sqs.model.GetQueueUrlResponse;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/**
 * An SQS endpoint: one given from outside by the environment variable {@value #ADDRESS}, or ElasticMQ in a JVM of its own, run
 * from {@code elasticmq-rest-sqs_3} on the class path of this one. Questions may be asked by any thread; starting and killing is
 * for one thread at a time. Needs an HTTP client of the AWS SDK on the class path.
 */
public final class SqsBroker implements AutoCloseable {

    /** Names the environment variable with the endpoint that the shared broker is taken from, such as {@code http://localhost:9324}. */
    public static final String ADDRESS = "LASTCALL_SQS";

    private static final Logger log = LoggerFactory.getLogger(SqsBroker.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final AtomicInteger QUEUES = new AtomicInteger();

    private final URI endpoint;
    private final @Nullable BrokerProcess process;
    private final @Nullable Path folder;
    private final SqsClient client;
    private final Set<String> queues = ConcurrentHashMap.newKeySet();

    private SqsBroker(URI endpoint, @Nullable BrokerProcess process, @Nullable Path folder) {
        this.endpoint = endpoint;
        this.process = process;
        this.folder = folder;
        this.client = newClient().build();
    }

    /**
     * The endpoint that all tests of this JVM share: the one at {@value #ADDRESS} where that is set, else an ElasticMQ that is
     * started now, keeps messages in memory and ends with the JVM. Nobody may kill it.
     *
     * @return the broker, always the same
     */
    public static SqsBroker shared() {
        return Shared.BROKER;
    }

    /**
     * Starts an ElasticMQ for one test, which may kill it: queues and messages are on disk, written through.
     *
     * @return the broker; the caller closes it
     */
    public static SqsBroker start() {
        return run(true);
    }

    /**
     * Where clients connect.
     *
     * @return the endpoint
     */
    public URI endpoint() {
        return endpoint;
    }

    /**
     * A client for questions and for sending.
     *
     * @return always the same, closed with this broker
     */
    public SqsClient client() {
        return client;
    }

    /**
     * Describes a client of one's own, with endpoint, region and credentials set.
     *
     * @return the builder; who builds the client closes it
     */
    public SqsClientBuilder newClient() {
        return SqsClient.builder()
                .endpointOverride(endpoint)
                .region(Region.EU_CENTRAL_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")));
    }

    /**
     * Describes a standard queue; nothing is made before {@link NewQueue#create()}.
     *
     * @return a queue whose name nobody has used yet
     */
    public NewQueue newQueue() {
        return new NewQueue("q" + QUEUES.incrementAndGet() + "-" + Long.toString(System.nanoTime(), 36));
    }

    /**
     * Describes a standard queue; nothing is made before {@link NewQueue#create()}.
     *
     * @param name the name, for {@link NewQueue#fifo()} without the suffix
     * @return the queue
     */
    public NewQueue newQueue(String name) {
        return new NewQueue(name);
    }

    /**
     * The address of a queue.
     *
     * @param name the name
     * @return the URL
     */
    public String url(String name) {
        return client.getQueueUrl(request -> request.queueName(name)).queueUrl();
    }

    /**
     * Removes a queue.
     *
     * @param url the queue
     */
    public void deleteQueue(String url) {
        client.deleteQueue(request -> request.queueUrl(url));
        queues.remove(url.substring(url.lastIndexOf('/') + 1));
    }

    /**
     * What a queue holds, by its own approximate counts. ElasticMQ's are exact.
     *
     * @param url the queue
     * @return the counts
     */
    public Counts counts(String url) {
        Map<QueueAttributeName, String> found = client.getQueueAttributes(request -> request.queueUrl(url)
                        .attributeNames(
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES,
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE,
                                QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED))
                .attributes();
        return new Counts(
                number(found, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES),
                number(found, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE),
                number(found, QueueAttributeName.APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED));
    }

    /**
     * The end of a broker that was started here, whoever ended it.
     *
     * @return completes with the exit status; never for a broker that was given
     */
    public CompletionStage<Integer> ended() {
        return process == null ? new CompletableFuture<>() : process.ended();
    }

    /** Kills it (SIGKILL) and waits for its end. Port and data stay for {@link #startAgain()}. */
    public void kill9() {
        own().kill9();
    }

    /** Starts it again on the same port and data, and waits until the queues made through this object are back. A queue that was not removed by {@link #deleteQueue} is missed. */
    public void startAgain() {
        own().start(PATIENCE);
        // ElasticMQ listens before it has read its queues from disk.
        Waiter<GetQueueUrlResponse> waiter = Waiter.builder(GetQueueUrlResponse.class)
                .addAcceptor(WaiterAcceptor.successOnResponseAcceptor(response -> true))
                .addAcceptor(WaiterAcceptor.retryOnExceptionAcceptor(QueueDoesNotExistException.class::isInstance))
                .overrideConfiguration(waits -> waits.waitTimeout(PATIENCE)
                        .maxAttempts(Integer.MAX_VALUE)
                        .backoffStrategyV2(BackoffStrategy.fixedDelay(Duration.ofMillis(20))))
                .build();
        queues.forEach(name -> waiter.run(() -> client.getQueueUrl(request -> request.queueName(name))));
    }

    /** Freezes it: connections stay open and nobody answers. */
    public void suspend() {
        own().suspend();
    }

    /** Lets it go on after {@link #suspend()}. */
    public void resume() {
        own().resume();
    }

    /** Ends it and deletes its data; leaves one given from outside as it is. */
    @Override
    public void close() {
        client.close();
        if (process != null) {
            process.kill9();
        }
        if (folder != null) {
            delete(folder);
        }
    }

    private BrokerProcess own() {
        if (process == null) {
            throw new IllegalStateException(
                    "the broker at " + endpoint + " was given by " + ADDRESS + ": it is not ours to stop");
        }
        if (this == Shared.started) {
            throw new IllegalStateException("the shared broker is not to be stopped: use SqsBroker.start()");
        }
        return process;
    }

    private static SqsBroker run(boolean durable) {
        int port = BrokerProcess.freePort();
        Path folder = Path.of("target", "brokers", "elasticmq-" + port + "-" + Long.toString(System.nanoTime(), 36))
                .toAbsolutePath();
        long begin = System.nanoTime();
        BrokerProcess process = BrokerProcess.start(command(port, folder, durable), PATIENCE);
        URI endpoint = URI.create("http://127.0.0.1:" + port);
        log.info(
                "sqs started endpoint={} pid={} durable={} folder={} tookMs={}",
                endpoint,
                process.pid(),
                durable,
                folder,
                (System.nanoTime() - begin) / 1_000_000);
        return new SqsBroker(endpoint, process, folder);
    }

    private static Command command(int port, Path folder, boolean durable) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dlogback.configurationFile=io/lastcall/testkit/broker/elasticmq-logback.xml",
                "-Dpekko.loglevel=WARNING",
                "-Drest-sqs.bind-hostname=127.0.0.1",
                "-Drest-sqs.bind-port=" + port,
                "-Dgenerate-node-address=true"));
        if (durable) {
            words.add("-Dmessages-storage.enabled=true");
            words.add("-Dmessages-storage.uri=jdbc:h2:" + folder.resolve("data") + ";WRITE_DELAY=0");
        }
        words.add(ElasticMqMain.class.getName());
        // Relative entries would be looked for in the broker's own folder.
        String classPath = String.join(
                File.pathSeparator,
                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(entry -> Path.of(entry).toAbsolutePath().toString())
                        .toList());
        return new Command(
                "elasticmq-" + port,
                words,
                Map.of("CLASSPATH", classPath),
                folder,
                Pattern.compile(ElasticMqMain.READY, Pattern.LITERAL));
    }

    private static int number(Map<QueueAttributeName, String> found, QueueAttributeName name) {
        return Integer.parseInt(found.getOrDefault(name, "0"));
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What a queue holds.
     *
     * @param visible can be received now
     * @param inFlight received, neither deleted nor visible again
     * @param delayed not to be received yet
     */
    public record Counts(int visible, int inFlight, int delayed) {}

    /** A queue to be made. For one thread. */
    public final class NewQueue {

        private final String name;
        private final Map<QueueAttributeName, String> attributes = new EnumMap<>(QueueAttributeName.class);

        private NewQueue(String name) {
            this.name = name;
        }

        /**
         * Makes it a FIFO queue that tells duplicates by their content; its name gets the suffix {@code .fifo}.
         *
         * @return this
         */
        public NewQueue fifo() {
            attributes.put(QueueAttributeName.FIFO_QUEUE, "true");
            attributes.put(QueueAttributeName.CONTENT_BASED_DEDUPLICATION, "true");
            return this;
        }

        /**
         * How long what was received stays invisible.
         *
         * @param time whole seconds
         * @return this
         */
        public NewQueue visibility(Duration time) {
            attributes.put(QueueAttributeName.VISIBILITY_TIMEOUT, Long.toString(time.toSeconds()));
            return this;
        }

        /**
         * Moves what was received too often to another queue.
         *
         * @param url the other queue
         * @param maxReceives the last receive that is answered
         * @return this
         */
        public NewQueue redrive(String url, int maxReceives) {
            String arn = client.getQueueAttributes(
                            request -> request.queueUrl(url).attributeNames(QueueAttributeName.QUEUE_ARN))
                    .attributes()
                    .get(QueueAttributeName.QUEUE_ARN);
            attributes.put(
                    QueueAttributeName.REDRIVE_POLICY,
                    "{\"deadLetterTargetArn\":\"" + arn + "\",\"maxReceiveCount\":\"" + maxReceives + "\"}");
            return this;
        }

        /**
         * Makes the queue.
         *
         * @return its URL
         */
        public String create() {
            String whole = attributes.containsKey(QueueAttributeName.FIFO_QUEUE) ? name + ".fifo" : name;
            String url = client.createQueue(request -> request.queueName(whole).attributes(attributes))
                    .queueUrl();
            queues.add(whole);
            return url;
        }
    }

    private static final class Shared {

        // Set once, before BROKER; null when the broker was given from outside.
        private static @Nullable SqsBroker started;

        private static final SqsBroker BROKER = take();

        private static SqsBroker take() {
            Optional<String> given = Optional.ofNullable(System.getenv(ADDRESS)).filter(address -> !address.isBlank());
            if (given.isPresent()) {
                log.info("sqs taken endpoint={} from={}", given.get(), ADDRESS);
                return new SqsBroker(URI.create(given.get()), null, null);
            }
            SqsBroker own = run(false);
            started = own;
            return own;
        }
    }
}
