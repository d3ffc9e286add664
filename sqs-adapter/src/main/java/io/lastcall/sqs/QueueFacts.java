package io.lastcall.sqs;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
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
 * @param redrive where a message goes that was received too often, where the queue has a redrive policy
 */
record QueueFacts(String name, String url, boolean fifo, Duration visibility, Optional<Redrive> redrive) {

    private static final Pattern MAX_RECEIVES = Pattern.compile("\"maxReceiveCount\"\\s*:\\s*\"?(\\d+)");
    private static final Pattern TARGET = Pattern.compile("\"deadLetterTargetArn\"\\s*:\\s*\"([^\"]+)");

    /**
     * The redrive policy.
     *
     * @param maxReceives after how many receives a message is moved away
     * @param target the ARN of the queue that it is moved to
     */
    record Redrive(int maxReceives, String target) {}

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
                    redrive(found.getOrDefault(QueueAttributeName.REDRIVE_POLICY, "")));
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

    /** The queue with this ARN, in the region of the client. */
    static QueueFacts ofArn(SqsClient client, String setting, String arn) {
        String[] parts = arn.split(":", -1); // arn:aws:sqs:region:account:name
        String name = parts[parts.length - 1];
        String account = parts.length > 1 ? parts[parts.length - 2] : "";
        try {
            return read(
                    client,
                    setting,
                    client.getQueueUrl(request -> request.queueName(name).queueOwnerAWSAccountId(account))
                            .queueUrl());
        } catch (SdkException e) {
            throw new IllegalStateException(
                    setting + " = \"" + arn + "\": could not be asked for its URL: " + e.getMessage(), e);
        }
    }

    private static Optional<Redrive> redrive(String policy) {
        Matcher most = MAX_RECEIVES.matcher(policy);
        Matcher target = TARGET.matcher(policy);
        return most.find() && target.find()
                ? Optional.of(new Redrive(Integer.parseInt(most.group(1)), target.group(1)))
                : Optional.empty();
    }
}
