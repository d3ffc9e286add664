/**
 * A bounded queue in this process that is consumed like a broker: {@link io.lastcall.memory.MemoryQueue}. For applications and
 * tests; uses the messages and the SPI, as every adapter does, and nothing of the engine.
 */
@NullMarked
package io.lastcall.memory;

import org.jspecify.annotations.NullMarked;
