/**
 * What an application uses: {@link io.lastcall.MessageConsumer} receives, handles and drains;
 * {@code ConsumerRuntime} keeps several of them and answers signals.
 */
@NullMarked
package io.lastcall;

import org.jspecify.annotations.NullMarked;
