/** Measurements. */
@NullMarked
package io.lastcall.benchmarks;

import org.jspecify.annotations.NullMarked;
