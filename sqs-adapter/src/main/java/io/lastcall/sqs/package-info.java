/**
 * Receives from Amazon SQS: {@link io.lastcall.sqs.SqsSource} is all that an application needs. Calls the broker through the
 * blocking client of the AWS SDK on threads of its own, since then the application chooses any one HTTP client, and needs none
 * of the SDK's asynchronous ones.
 */
@NullMarked
package io.lastcall.sqs;

import org.jspecify.annotations.NullMarked;
