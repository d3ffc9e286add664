/** A bounded queue in this process that is consumed like a broker. */
@NullMarked
package io.lastcall.memory;

import org.jspecify.annotations.NullMarked;
