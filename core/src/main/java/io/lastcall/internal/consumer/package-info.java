/**
 * The engine put together: The engine is one run of one consumer. Internal; the root package
 * reaches it through {@link io.lastcall.internal.consumer.Consumers} only.
 */
@NullMarked
package io.lastcall.internal.consumer;

import org.jspecify.annotations.NullMarked;
