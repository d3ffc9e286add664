/** Receives from Kafka. */
@NullMarked
package io.lastcall.kafka;

import org.jspecify.annotations.NullMarked;
