/** Tests of the queue, by the SPI and with the engine. */
@NullMarked
package io.lastcall.memory;

import org.jspecify.annotations.NullMarked;
