/**
 * The engine put together: {@link io.lastcall.internal.consumer.Engine} is one run of one consumer. Internal; the root package
 * reaches it through {@link io.lastcall.internal.consumer.Consumers} only.
 */
@NullMarked
package io.lastcall.internal.consumer;

import org.jspecify.annotations.NullMarked;
