package io.lastcall.sqs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;
import software.amazon.awssdk.services.sqs.model.ChangeMessageVisibilityBatchRequestEntry;
import software.amazon.awssdk.services.sqs.model.DeleteMessageBatchRequestEntry;

/**
 * The calls that settle messages of one queue, up to ten at once: one answer for each, in order, and never an exception, since
 * an exception says as little as an answer that is missing. Ids are positions: the same message may be in a batch twice. Safe
 * for any thread, which it blocks.
 */
final class BatchCalls {

    private final SqsClient client;
    private final String url;
    private final Duration longest;

    /** @param longest when a call counts as not answered, retries of the client included */
    BatchCalls(SqsClient client, String url, Duration longest) {
        this.client = client;
        this.url = url;
        this.longest = longest;
    }

    /** A new visibility timeout for one receive. */
    record Change(String handle, int seconds) {}

    List<Answer> delete(List<String> handles) {
        return answers(handles, entries -> {
            List<DeleteMessageBatchRequestEntry> batch = IntStream.range(0, entries.size())
                    .mapToObj(i -> DeleteMessageBatchRequestEntry.builder()
                            .id(Integer.toString(i))
                            .receiptHandle(entries.get(i))
                            .build())
                    .toList();
            return client.deleteMessageBatch(request -> request.queueUrl(url)
                            .entries(batch)
                            .overrideConfiguration(call -> call.apiCallTimeout(longest)))
                    .failed();
        });
    }

    List<Answer> change(List<Change> changes) {
        return answers(changes, entries -> {
            List<ChangeMessageVisibilityBatchRequestEntry> batch = IntStream.range(0, entries.size())
                    .mapToObj(i -> ChangeMessageVisibilityBatchRequestEntry.builder()
                            .id(Integer.toString(i))
                            .receiptHandle(entries.get(i).handle())
                            .visibilityTimeout(entries.get(i).seconds())
                            .build())
                    .toList();
            return client.changeMessageVisibilityBatch(request -> request.queueUrl(url)
                            .entries(batch)
                            .overrideConfiguration(call -> call.apiCallTimeout(longest)))
                    .failed();
        });
    }

    private static <E> List<Answer> answers(List<E> entries, Function<List<E>, List<BatchResultErrorEntry>> call) {
        List<BatchResultErrorEntry> failed;
        try {
            failed = call.apply(entries);
        } catch (RuntimeException e) {
            return Answer.of(e).times(entries.size());
        }
        List<Answer> all = new ArrayList<>(Collections.nCopies(entries.size(), Answer.DONE));
        failed.forEach(error -> all.set(Integer.parseInt(error.id()), Answer.of(error)));
        return all;
    }
}
