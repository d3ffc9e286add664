/** Networks that fail between a consumer and its broker. */
@NullMarked
package io.lastcall.examples.faults;

import org.jspecify.annotations.NullMarked;
