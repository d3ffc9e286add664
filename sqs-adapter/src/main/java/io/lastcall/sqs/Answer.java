package io.lastcall.sqs;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.services.sqs.model.BatchResultErrorEntry;

/**
 * What the broker said to one entry of a call. Immutable.
 *
 * @param kind done, no, or ask again
 * @param what in words, empty when done
 * @param code the broker's error code, empty where it gave none
 * @param cause the error behind it, or null
 */
record Answer(Kind kind, String what, String code, @Nullable Throwable cause) {

    enum Kind {
        DONE,
        /** The broker will not do it, however often it is asked. */
        REFUSED,
        /** Not answered, or an error of the broker's own: it may be done or not, and may be asked again. */
        OPEN,
        /** The broker says that it is done, which it also says where it did nothing. */
        DOUBTFUL
    }

    static final Answer DONE = new Answer(Kind.DONE, "", "", null);

    /** To a delete that came when the lease was over: done, unless another has received the message since. */
    static final Answer DELETED_LATE = new Answer(Kind.DOUBTFUL, "the lease was over when SQS answered", "", null);

    // The handle's receive is over: the message was deleted, or is another's, or anybody's. Real SQS says the last of
    // these when a visibility change comes too late.
    private static final Set<String> HANDLE_IS_OVER =
            Set.of("ReceiptHandleIsInvalid", "MessageNotInflight", "InvalidParameterValue");
    // Credentials are renewed by the client.
    private static final String EXPIRED = "ExpiredToken";
    private static final String LONGEST_LEASE_IS_OVER = "Total VisibilityTimeout";

    static Answer of(BatchResultErrorEntry error) {
        String code = plain(error.code());
        return new Answer(
                Boolean.TRUE.equals(error.senderFault()) ? Kind.REFUSED : Kind.OPEN,
                code + ": " + error.message(),
                code,
                null);
    }

    static Answer of(Throwable error) {
        String code = error instanceof AwsServiceException said && said.awsErrorDetails() != null
                ? plain(said.awsErrorDetails().errorCode())
                : "";
        boolean refused = error instanceof SdkServiceException said && isFinal(said) && !code.startsWith(EXPIRED);
        return new Answer(refused ? Kind.REFUSED : Kind.OPEN, String.valueOf(error.getMessage()), code, error);
    }

    List<Answer> times(int entries) {
        return Collections.nCopies(entries, this);
    }

    /** Whether it says that the message is no longer lent to us. */
    boolean isLapsed() {
        return kind == Kind.REFUSED && HANDLE_IS_OVER.contains(code) && !what.contains(LONGEST_LEASE_IS_OVER);
    }

    private static boolean isFinal(SdkServiceException error) {
        return error.statusCode() >= 400
                && error.statusCode() < 500
                && !error.isThrottlingException()
                && !error.isClockSkewException();
    }

    // The older query protocol puts a namespace before some codes.
    private static String plain(@Nullable String code) {
        return code == null ? "" : code.substring(code.lastIndexOf('.') + 1);
    }
}
