/** Tests of the Kafka adapter, on a real broker. */
@NullMarked
package io.lastcall.kafka;

import org.jspecify.annotations.NullMarked;
