/**
 * What consuming from real brokers costs beside the bare clients. A bench plays its contenders in turn ({@link
 * io.lastcall.benchmarks.broker.Alternation}), and a {@link io.lastcall.benchmarks.broker.Witness} sees that all was handled, once and in
 * order. Brokers are processes of their own, so what is read of this process is the consumer's alone.
 */
@NullMarked
package io.lastcall.benchmarks.broker;

import org.jspecify.annotations.NullMarked;
