package io.lastcall.sqs;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.QueueDoesNotExistException;

/**
 * A queue, as the broker describes it. Immutable.
 *
 * @param name the name
 * @param url the address
 * @param fifo whether it is a FIFO queue
 * @param visibility how long what is received stays invisible, zero or more
 * @param maxReceives after how many receives a message is moved away, where the queue has a redrive policy
 */
record QueueFacts(String name, String url, boolean fifo, Duration visibility, OptionalInt maxReceives) {

    private static final Pattern MAX_RECEIVES = Pattern.compile("\"maxReceiveCount\"\\s*:\\s*\"?(\\d+)");

    /** Asks the broker; {@code setting} is named in errors. */
    static QueueFacts read(SqsClient client, String setting, String nameOrUrl) {
        try {
            String url = isUrl(nameOrUrl)
                    ? nameOrUrl
                    : client.getQueueUrl(request -> request.queueName(nameOrUrl))
                            .queueUrl();
            Map<QueueAttributeName, String> found = client.getQueueAttributes(request -> request.queueUrl(url)
                            .attributeNames(QueueAttributeName.VISIBILITY_TIMEOUT, QueueAttributeName.REDRIVE_POLICY))
                    .attributes();
            String name = nameOf(url);
            return new QueueFacts(
                    name,
                    url,
                    name.endsWith(SqsSource.FIFO_SUFFIX),
                    Duration.ofSeconds(Long.parseLong(found.getOrDefault(QueueAttributeName.VISIBILITY_TIMEOUT, "30"))),
                    maxReceives(found.getOrDefault(QueueAttributeName.REDRIVE_POLICY, "")));
        } catch (QueueDoesNotExistException e) {
            throw new IllegalStateException(
                    setting + " = \"" + nameOrUrl + "\": no such queue for this client's account, region and endpoint",
                    e);
        } catch (SdkException e) {
            throw new IllegalStateException(
                    setting + " = \"" + nameOrUrl + "\": could not be asked for URL and attributes: " + e.getMessage(),
                    e);
        }
    }

    /** The last part of a URL, or the name itself. */
    static String nameOf(String nameOrUrl) {
        return isUrl(nameOrUrl) ? nameOrUrl.substring(nameOrUrl.lastIndexOf('/') + 1) : nameOrUrl;
    }

    private static boolean isUrl(String nameOrUrl) {
        return nameOrUrl.contains("/"); // no name has one
    }

    private static OptionalInt maxReceives(String policy) {
        Matcher found = MAX_RECEIVES.matcher(policy);
        return found.find() ? OptionalInt.of(Integer.parseInt(found.group(1))) : OptionalInt.empty();
    }
}
